"""Names, birth dates and ways to be reached: invented, and to be seen as such.

Every family name is a word for "example" or "made up" in some language. Telephone
numbers are from the range that Ofcom keeps for fiction, e-mail is at example.org.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random

LATIN = (
    "Beispiel Muster Example Ejemplo Exemple Esempio Exemplo Voorbeeld Przykład "
    "Příklad Példa Örnek Esimerkki Eksempel Exempel Dæmi Pavyzdys Contoh Sample "
    "O’Specimen Musterová-Beispielová"
).split()
HAN = "示例 样例 范例 虚构 假设 例子".split()
FAMILY_NAMES = frozenset({*LATIN, *HAN})

WOMEN = (
    "Anna Zoë Małgorzata Inês Chloé Fatima Grace Hanna Irène Jana Kirsten Leila "
    "María Nora Olivia Petra Rosa Sigrún Teresa Ursula Vera Wanda Yasemin Željka "
    "Aoife Beatriz Carla Dagny"
).split()
MEN = (
    "Adam Björn Callum Dmitri Émile François Gábor Håkon Ivan José Karel László "
    "Marek Niall Óscar Paul Rui Søren Tomás Viktor William Yusuf Łukasz Ahmed "
    "Benedict Ciarán Diego Emre"
).split()
HAN_WOMEN = "秀英 丽华 晓燕 静怡 桂兰 雪梅 欣 思琪 玉兰 文静".split()
HAN_MEN = "建国 志强 伟 小明 德华 海涛 家豪 明远 永福 文轩".split()

# Names that forms and columns have to bear.
LONG = "Maximiliane Theodora Wilhelmine Konstanze Eleonore"
LONG_FAMILY = "Musterová-Beispielová"

FIRST_YEAR, LAST_YEAR = 24, 68  # years of age, where the story doesn't say


@dataclass(frozen=True)
class Person:
    family_name: str
    given_name: str
    preferred_name: str
    birth_date: date
    sex: str
    phone: str
    email: str
    language: str
    reminders_by_email: bool
    emergency_name: str
    emergency_phone: str


@dataclass
class Register:
    """Gives out people one by one, none of them twice."""

    rng: Random
    today: date

    def __post_init__(self) -> None:
        self._numbers = count(100)
        self._used: set[tuple[str, str]] = set()
        self._names = self._unlike_names()

    def invent(self, *, sex: str = "", age: int | None = None) -> Person:
        family, given, sex, preferred = self._name(sex)
        is_han = family in HAN
        years = age or self.rng.randint(FIRST_YEAR, LAST_YEAR)
        born = self.today.replace(day=1) - timedelta(
            days=round(years * 365.25) + self.rng.randint(20, 330)
        )
        number = next(self._numbers)
        return Person(
            family_name=family,
            given_name=given,
            preferred_name=preferred,
            birth_date=born,
            sex=sex,
            phone=f"07700 900{number:03}",
            email=f"patient{number}@example.org" if number % 4 else "",
            reminders_by_email=number % 4 != 0 and number % 9 != 0,
            language="zh-hans" if is_han and number % 3 else "en",
            emergency_name="" if number % 3 else f"{self.rng.choice(WOMEN)} {family}",
            emergency_phone="" if number % 3 else f"07700 900{number + 500:03}",
        )

    def _name(self, sex: str) -> tuple[str, str, str, str]:
        if not sex and self.rng.random() < 0.12 and (name := next(self._names, None)):
            return name
        sex = sex or self.rng.choice(("female", "female", "male"))
        is_han = self.rng.random() < 0.3
        families = HAN if is_han else LATIN[:-1]
        womens, mens = (HAN_WOMEN, HAN_MEN) if is_han else (WOMEN, MEN)
        while True:
            family = self.rng.choice(families)
            given = self.rng.choice(mens if sex == "male" else womens)
            if (family, given) not in self._used:
                self._used.add((family, given))
                return family, given, sex, ""

    def _unlike_names(self) -> Iterator[tuple[str, str, str, str]]:
        """One name only, a very long one, one called by another, neither sex."""
        yield "Örnek", "", "male", ""
        yield LONG_FAMILY, LONG, "female", "Maxi"
        yield "虚构", "", "female", ""
        yield "Sample", "Robin", "other", "Rob"
        yield "Contoh", "", "unknown", ""
