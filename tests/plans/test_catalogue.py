import csv

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from clinic.core.texts import LANGUAGES
from plans.catalogue.codes import (
    PREFIXES,
    canonical,
    catalogue_names,
    find_codes,
    fold,
    names_of,
)
from plans.catalogue.depth import cap_mm, usual_cun, usual_mm
from plans.catalogue.models import Acupoint
from plans.catalogue.points import (
    CATALOGUE,
    DEEPEST_MM,
    CatalogueError,
    read_catalogue,
)
from plans.catalogue.queries import find_points
from plans.catalogue.services import load_acupoints
from plans.catalogue.vocabulary import WORDS, in_words, read_vocabulary

POINTS = read_catalogue()
NAMES = catalogue_names()

# WHO 2008: how many points each channel has.
CLASSICAL = {
    "LU": 11, "LI": 20, "ST": 45, "SP": 21, "HT": 9, "SI": 19, "BL": 67,
    "KI": 27, "PC": 9, "TE": 23, "GB": 44, "LR": 14, "GV": 28, "CV": 24,
}  # fmt: skip
EXTRA = {"EX-HN": 15, "EX-CA": 1, "EX-B": 14, "EX-UE": 11, "EX-LE": 12, "ASHI": 1}

# The eight spellings that two points share.
SHARED = {
    "Erjian": ("LI2", "EX-HN6"),
    "Futu": ("LI18", "ST32"),
    "Juliao": ("ST3", "GB29"),
    "Qihai": ("BL24", "CV6"),  # sciatica prescriptions mean Qihaishu by it
    "Wangu": ("SI4", "GB12"),
    "Zhongzhu": ("KI15", "TE3"),
    "Zhongdu": ("GB32", "LR6"),
    "Yinjiao": ("GV28", "CV7"),
    "Zigong": ("CV19", "EX-CA1"),
}


def test_all_classical_points_are_there_and_the_extras():
    wanted = {f"{channel}{n}" for channel, n in numbered(CLASSICAL)}

    assert len(wanted) == 361
    assert wanted <= set(POINTS)
    for channel, count in (CLASSICAL | EXTRA).items():
        assert sum(p.channel == channel for p in POINTS.values()) == count
    assert len(POINTS) == 415


def numbered(channels):
    return (
        (channel, n + 1) for channel, count in channels.items() for n in range(count)
    )


def test_every_row_is_whole_and_in_range():
    for point in POINTS.values():
        assert point.code.startswith(point.channel), point
        assert 0 <= point.depth_min_mm <= point.depth_max_mm <= DEEPEST_MM, point
        assert point.needled == ("no_needling" not in point.cautions), point
        assert point.source, point
        assert (point.verified == 0) <= (point.source == ("BACKGROUND",)), point
        assert fold(point.pinyin) == fold(point.pinyin_tones), point
        if point.body_region in {"head", "neck", "chest", "upper_back"}:
            assert point.depth_max_mm <= 30, point
        if "pregnancy_lumbosacral" in point.cautions:
            assert point.pregnancy_contraindicated, point


def test_a_point_lies_where_its_position_can_reach_it():
    front = {"chest", "abdomen", "anterior_thigh", "anterior_leg"}
    back = {"upper_back", "lower_back", "sacrum", "buttock", "posterior_leg"}

    for point in POINTS.values():
        assert point.position != "prone" or point.body_region not in front
        assert point.position != "supine" or point.body_region not in back


def test_every_word_is_told_in_both_languages_and_used():
    used = {
        "channel": {p.channel for p in POINTS.values()},
        "body_region": {p.body_region for p in POINTS.values()},
        "side": {p.side for p in POINTS.values()},
        "position": {p.position for p in POINTS.values()},
        "angle": {a for p in POINTS.values() for a in (p.angle, *p.other_angles)},
        "caution": {word for p in POINTS.values() for word in p.cautions},
        "category": {word for p in POINTS.values() for word in p.categories},
    }

    assert used == {kind: set(words) for kind, words in WORDS.items()}
    assert set(in_words("position", "prone")) == set(LANGUAGES)


def test_a_word_without_chinese_is_refused(tmp_path):
    file = tmp_path / "vocabulary.toml"
    file.write_text('[side]\npaired = { en = "left and right" }\n')

    with pytest.raises(ValueError, match=r"side\.paired: the text in zh-hans"):
        read_vocabulary(file)


@pytest.mark.parametrize(
    ("column", "cell", "complaint"),
    [
        ("depth_max_mm", "80", "is not a range"),
        ("depth_max_mm", "5", "is not a range"),
        ("depth_min_mm", "-1", "is not a range"),
        ("depth_min_mm", "deep", "could not convert"),
        ("angle", "sideways", "no such angle as 'sideways'"),
        ("angle", "", "no such angle"),
        ("position", "standing", "no such position"),
        ("body_region", "tail", "no such body_region"),
        ("side", "both", "no such side"),
        ("cautions", "dragons", "no such caution"),
        ("categories", "best point", "no such category"),
        ("pregnancy_contraindicated", "maybe", "maybe"),
        ("hanzi", "", "BL40 has no hanzi"),
        ("source", "", "BL40 names no source"),
        ("code", "BL39", "BL39 comes twice"),
    ],
)
def test_a_spoiled_row_is_refused_with_its_line(tmp_path, column, cell, complaint):
    spoiled = with_cell(tmp_path, "BL40", column, cell)
    line = 1 + 1 + list(POINTS).index("BL40")

    with pytest.raises(CatalogueError, match=complaint) as refusal:
        read_catalogue(spoiled)

    assert str(refusal.value).startswith(f"acupoints.csv, line {line}: ")


def with_cell(tmp_path, code, column, cell):
    """The catalogue with one cell changed, as a file."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["code"] == code:
            row[column] = cell
    changed = tmp_path / "acupoints.csv"
    with changed.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return changed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(
            (text, "BL40")
            for text in ("BL40", "UB40", "BL-40", "B40", "bl 40", "BL.40")
        ),
        *((text, "BL40") for text in ("委中", "Weizhong", "wei zhong", "wěizhōng")),
        *((text, "BL40") for text in ("Wěi Zhōng", "WEIZHONG", "wei-zhong", "BL040")),
        *((text, "BL40") for text in ("BL40 Weizhong", "Weizhong (UB 40)", "委中BL40")),
        *((text, "BL40") for text in ("ＢＬ４０", "BL40委中", " bl40 ")),
        *((text, "CV6") for text in ("Ren6", "REN 6", "RN-6", "CV6", "CV6 Qi Hai")),
        *((text, "BL24") for text in ("Qi Hai Shu", "气海俞", "UB24 Qi Hai")),
        *((text, "GV4") for text in ("Du4", "DU 4", "DM4", "GV4", "Ming Men", "命門")),
        *((text, "TE5") for text in ("TW5", "SJ5", "TB5", "TE5", "TH 5", "外關")),
        *((text, "LR3") for text in ("LIV3", "Lv3", "LR-3", "太衝", "太沖")),
        *((text, "KI3") for text in ("K3", "KI3", "Kid 3", "太谿", "太溪")),
        *((text, "GB30") for text in ("G30", "GB 30", "環跳", "环跳", "Huan Tiao")),
        *((text, "EX-B2") for text in ("Yao Jia Ji", "Huatuojiaji", "EX-B2", "ex b 2")),
        *((text, "EX-B2") for text in ("华佗夹脊", "華佗夾脊", "Jiaji")),
        *((text, "EX-B2-L4") for text in ("EX-B2 L4", "EX-B2-L4", "Jiaji (L4)")),
        *((text, "EX-B2-L4") for text in ("Yao Jiaji L4", "L4 Jiaji", "腰4夹脊")),
        *((text, "ASHI") for text in ("Ashi", "ashi xue", "阿是", "阿是穴")),
        ("H7", "HT7"),
        ("P6", "PC6"),
        ("HC6", "PC6"),
        ("S36", "ST36"),
        ("SP6", "SP6"),
        ("San Yin Jiao", "SP6"),
        ("CO4", "LI4"),
        ("SI3", "SI3"),
        ("LU7", "LU7"),
        ("GV29", "EX-HN3"),
        ("Ren Zhong", "GV26"),
        ("Kidney Yu", "BL23"),
        ("Futu ST32", "ST32"),
        ("扶突", "LI18"),
    ],
)
def test_a_name_in_any_style_is_one_point(text, code):
    assert find_codes(text, NAMES) == (code,)
    assert canonical(text, NAMES) == code


@pytest.mark.parametrize(
    "text",
    ["", " ", "BL", "BL0", "BL68", "40", "L4", "LX3", "Jiaji T3", "Jiaji L4 L5", "Ouch",
     "EX-B2-L6", "EX-HN16", "委", "<script>"],
)  # fmt: skip
def test_what_is_no_point_is_none(text):
    assert find_codes(text, NAMES) == ()
    assert canonical(text, NAMES) is None


@pytest.mark.parametrize(("spelling", "codes"), SHARED.items())
def test_a_shared_spelling_is_a_choice_and_never_a_guess(spelling, codes):
    assert set(find_codes(spelling, NAMES)) == set(codes)
    assert canonical(spelling, NAMES) is None


def test_only_the_known_spellings_are_shared():
    of_two = {
        point.pinyin
        for point in POINTS.values()
        if len(find_codes(point.pinyin, NAMES)) > 1
    }

    assert of_two == set(SHARED)


def test_a_short_name_of_two_points_gives_both():
    assert set(find_codes("Sanli", NAMES)) == {"LI10", "ST36"}
    assert set(find_codes("陽關", NAMES)) == {"GB33", "GV3"}


def test_a_code_and_a_name_that_disagree_give_both():
    assert find_codes("BL40 Huantiao", NAMES) == ("BL40", "GB30")


def test_every_point_is_found_by_its_own_names():
    for point in POINTS.values():
        assert canonical(point.code, NAMES) == point.code
        assert canonical(point.hanzi, NAMES) == point.code
        assert point.code in find_codes(point.pinyin, NAMES)
        assert point.code in find_codes(point.pinyin_tones, NAMES)
        for prefix in PREFIXES.get(point.channel, ()):
            assert canonical(f"{prefix} {point.number}", NAMES) == point.code


def test_names_follow_the_points_given():
    assert find_codes("BL40", names_of([POINTS["GB30"]])) == ()


def test_a_cap_is_converted_more_cautiously_than_a_range():
    assert usual_mm(1.5) == 37.5
    assert cap_mm(1.5) == 30
    assert usual_cun(12.5) == 0.5


@pytest.mark.django_db
def test_loading_twice_changes_nothing_and_repairs_a_spoiled_row():
    assert load_acupoints() == 415
    as_loaded = list(Acupoint.objects.values())
    Acupoint.objects.filter(code="BL40").update(pinyin="Wrong", depth_max_mm=75)
    Acupoint.objects.filter(code="GB30").delete()

    load_acupoints()

    assert list(Acupoint.objects.values()) == as_loaded
    bl40 = Acupoint.objects.get(code="BL40")
    assert (bl40.pinyin, bl40.depth_max_mm) == ("Weizhong", 37.5)
    assert bl40.cautions == ["major_vessel", "tibial_nerve"]
    assert str(bl40) == "BL40 Weizhong"


@pytest.mark.django_db
def test_a_file_that_cannot_be_trusted_changes_nothing(tmp_path):
    load_acupoints()
    spoiled = with_cell(tmp_path, "CV6", "depth_max_mm", "80")

    with pytest.raises(CatalogueError):
        load_acupoints(spoiled)

    assert Acupoint.objects.get(code="CV6").depth_max_mm <= DEEPEST_MM


@pytest.mark.django_db
def test_the_command_says_how_many(capsys):
    call_command("sync_acupoints")

    assert capsys.readouterr().out.startswith("415 acupoints")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "spoiled",
    [
        {"depth_min_mm": -1},
        {"depth_min_mm": 60, "depth_max_mm": 50},
        {"depth_max_mm": 76},
        {"side": "both"},
        {"position": "seated"},
        {"body_region": "tail"},
        {"angle": "sideways"},
        {"channel": "XX"},
    ],
)
def test_the_database_keeps_the_ranges(spoiled):
    load_acupoints()

    with pytest.raises(IntegrityError), transaction.atomic():
        Acupoint.objects.filter(code="BL40").update(**spoiled)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("bl40", ["BL40"]),
        ("UB 4", ["BL4", "BL40", "BL41"]),
        ("weizh", ["BL40"]),
        ("委", ["BL39", "BL40"]),
        ("環跳", ["GB30"]),
        ("futu", ["LI18", "ST32"]),
        ("ren6", ["CV6"]),
        ("jiaji l", ["EX-B2-L1", "EX-B2-L2", "EX-B2-L3", "EX-B2-L4", "EX-B2-L5"]),
        ("middle of the crook", ["BL40"]),
    ],
)
def test_type_ahead_brings_the_nearest_first(django_assert_num_queries, typed, first):
    load_acupoints()

    with django_assert_num_queries(1):
        found = [point.code for point in find_points(typed)]

    assert found[: len(first)] == first


@pytest.mark.django_db
def test_type_ahead_keeps_to_its_limit_and_finds_nothing_for_nothing():
    load_acupoints()

    assert len(find_points("b", limit=7)) == 7
    assert not find_points("")
    assert not find_points("%_")
