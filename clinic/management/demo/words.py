"""What the staff of the demo write by hand. Acupuncturists write in their own language.

Texts that people type are not translated, so these aren't either.
"""

COMPLAINTS = {
    "en": ("Sciatica", "Low back and leg pain", "Buttock and leg pain"),
    "zh-hans": ("坐骨神经痛", "腰腿痛", "臀腿痛"),
}
NOTES = {
    "en": (
        "",
        "",
        "",
        "Slept through the night after last time.",
        "Sat at a desk all week, stiffer today.",
        "Walked to the clinic without a rest.",
        "Warm and heavy feeling down to the heel.",
        "A small bruise from last time, gone by now.",
        "Asked about exercises: shown the leaflet again.",
    ),
    "zh-hans": (
        "",
        "",
        "",
        "上次治疗后睡眠好转。",
        "本周久坐较多，今日稍僵。",
        "步行来诊，途中未休息。",
        "针感向足跟放射，自觉温热。",
        "上次针处小瘀斑已消退。",
    ),
}
REFERRED = "Referred to a doctor: no visits until we hear back"
CANCELLED = "Has a cold"
NO_SCORE = {
    "en": "Came late and went straight to bed",
    "zh-hans": "患者迟到，直接卧床治疗",
}
CHANGED = {
    "en": "Little change by the review: two more sessions, then look again",
    "zh-hans": "复核时变化不大：再加两次，随后复核",
}
GOALS = {
    "en": (
        "Walk to the shops and back without a rest",
        "Sleep through the night",
        "Sit through a film",
        "Lift my grandchild again",
    ),
    "zh-hans": ("能一口气走到菜市场再走回来", "一觉睡到天亮", "能坐着看完一场电影"),
}
REVIEWED = {
    "en": {
        "continue": "Going as hoped; the patient wants to go on",
        "change": "Little change by the review: two more sessions, then look again",
    },
    "zh-hans": {
        "continue": "进展符合预期，患者愿意继续",
        "change": "复评时变化不大：再加两次，随后再评",
    },
}
SHORTER = {
    "en": "Eight sessions first, then we look back",
    "zh-hans": "先做 8 次，再行复核",
}
OVERRULED = {
    "en": "Weighed with the patient; shallow, and stopped at the first discomfort",
    "zh-hans": "已与患者商量；浅刺，如有不适立即停止",
}
AMENDMENT = {
    "en": "The patient rang later: no pain down to the foot any more.",
    "zh-hans": "患者稍后来电：足部已不再疼痛。",
}
CLEARED = ("Dr Rosa Specimen (invented)", "Seen and examined, no objection")

# The desk's words, in English.
REFERRED = "Referred to a doctor: no visits until we hear back"
CANCELLED = "Has a cold"
