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
# The desk's words, in English.
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
        "finish": "Better, and the patient is content: advice given, no more visits",
        "finish, unchanged": "No response by week 8: back to the GP with a summary",
    },
    "zh-hans": {
        "continue": "进展符合预期，患者愿意继续",
        "change": "复评时变化不大：再加两次，随后再评",
        "finish": "症状好转，患者满意：已给予建议，结束治疗",
        "finish, unchanged": "第 8 周仍无效：附总结转回全科医生",
    },
}
SHORTER = {
    "en": "Eight sessions first, then we look back",
    "zh-hans": "先做 8 次，再行复核",
}
HARMS = {
    "haematoma": {
        "en": ("A bruise of two fingers’ width", "Pressed for five minutes"),
        "zh-hans": ("约两横指宽的瘀斑", "按压五分钟"),
    },
    "drowsiness": {
        "en": ("Drowsy for an hour afterwards", "Rested until awake"),
        "zh-hans": ("治疗后困倦约一小时", "休息至清醒"),
    },
    "fainting": {
        "en": (
            "Pale and dizzy a minute after the first needle",
            "Needles out, legs up",
        ),
        "zh-hans": ("进针一分钟后面色苍白、头晕", "立即出针，抬高下肢"),
    },
    "needling_pain": {
        "en": ("A burning point for half a day", "Warmth, and shallower next time"),
        "zh-hans": ("针处灼痛约半日", "热敷，下次浅刺"),
    },
    "local_infection": {
        "en": ("Red and warm around one point two days later", "Sent to the GP"),
        "zh-hans": ("两日后一穴周围红热", "嘱就诊全科医生"),
    },
}
FLARE_UP = {
    "en": "Moved house, carried boxes for two days",
    "zh-hans": "搬家，连续两天搬重物",
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
