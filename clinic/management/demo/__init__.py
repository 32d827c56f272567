"""An invented clinic, to be looked at and tried out. Nobody in it exists."""

# Known to all, on purpose.
PASSWORD = "demo-clinic"  # nosec B105

# User name, password, and who that is.
SIGN_INS = [
    (username, PASSWORD, who)
    for username, who in (
        ("mei", "示例美玲, acupuncturist, works in Chinese"),
        ("jonas", "Jonas Beispiel, acupuncturist"),
        ("priya", "Priya Example, acupuncturist"),
        ("tom", "Tom Muster, front desk"),
        ("lucia", "Lucía Ejemplo, front desk"),
        ("ada", "Ada Voorbeeld, admin"),
    )
]
