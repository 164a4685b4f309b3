"""How checks and verdicts are called, in English and in Chinese."""

from collections.abc import Mapping

from swayrec.operations.monitoring.result import Part
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.tables.scenario_monitoring import Check

TITLES: Mapping[Check, Sentence] = {
    "volume": Sentence("Number of events", "事件数量"),
    "missing": Sentence("Missing values", "缺失值"),
    "refused": Sentence("Refused rows", "被拒的行"),
    "duplicates": Sentence("Duplicate events", "重复事件"),
    "order": Sentence("Events against their order", "事件时间倒序"),
    "clock": Sentence("Events before their list", "早于展示的事件"),
    "new_items": Sentence("New items", "新物品"),
    "behaviors": Sentence("Mix of behaviors", "行为构成"),
    "rates": Sentence("Frequency of behaviors", "行为频率"),
    "values": Sentence("Values of events", "事件数值分布"),
    "units": Sentence("Size of values", "数值量级"),
    "hours": Sentence("Hours and days", "时段与星期"),
    "gaps": Sentence("Gaps between events", "事件间隔"),
    "categories": Sentence("Categories", "类别"),
    "popularity": Sentence("Popularity of items", "物品热度"),
    "scattered": Sentence("Events on forgotten items, one user each", "散落于冷门旧物品的事件"),
    "languages": Sentence("Languages", "语言"),
    "words": Sentence("Words of texts", "文本用词"),
    "vectors": Sentence("Mean of text vectors", "文本向量均值"),
    "spread": Sentence("Spread of text vectors", "文本向量离散度"),
    "influence": Sentence("Influence of behaviors", "行为影响力"),
    "intent": Sentence("Calibration of intent", "意图校准"),
    "scores": Sentence("Scores", "得分分布"),
    "levels": Sentence("Answers without the model", "未经模型的回答"),
    "freshness": Sentence("Age of tables", "数据表时效"),
    "shown": Sentence("Categories shown", "展示类别"),
    "hidden": Sentence("Categories shown no more", "不再展示的类别"),
    "quality": Sentence("Quality of lists (NDCG)", "推荐质量（NDCG）"),
    "response": Sentence("Lists taken from", "列表采纳率"),
    "over_popular": Sentence("Against windowed popularity", "对比近期热门"),
    "handover": Sentence("Against the champion before", "对比前任冠军模型"),
    "canary": Sentence("Challenger against champion", "挑战者对比冠军模型"),
    "user_gap": Sentence("Quality between groups of users", "用户群体间的质量差距"),
    "item_gap": Sentence("Exposure of categories against merit", "类别曝光与应得份额之差"),
}
"""Titles of the checks."""

ACTIONS: Mapping[str, Sentence] = {
    "pass": Sentence("pass: the model may stay", "通过：模型可以继续使用"),
    "warn": Sentence("warn: somebody should look", "警告：请人工查看"),
    "stop the canary": Sentence(
        "stop the canary: the challenger does worse", "停止金丝雀：挑战者模型表现更差"
    ),
    "retrain": Sentence("retrain: the model should learn anew", "重训：模型应重新训练"),
    "roll back": Sentence("roll back: the champion before should serve again", "回滚：应恢复前任冠军模型"),
}


GAPS = ("user_gap", "item_gap")
"""Checks that hold a group to others, and not to what it was."""


def alarm(check: Check, part: Part, tolerance: float, lasted: int) -> Sentence:
    """Why a check gives an alarm."""
    numbers = f"{part.change:+.3g} [{part.low:+.3g}, {part.high:+.3g}]"
    moved = part.moved[0] if part.moved else None
    title = TITLES[check]
    en = f"{title.en}: {numbers}, more than the {tolerance:g} that matters"
    zh = f"{title.zh}：变化 {numbers}，超过容许值 {tolerance:g}"
    if moved is not None:
        then, now = f"{moved.then:.3g}", f"{moved.now:.3g}"
        of_group = check in GAPS
        en += (
            f"; {moved.name} has {now}, held to {then}"
            if of_group
            else f"; {moved.name} went from {then} to {now}"
        )
        zh += f"；{moved.name} 为 {now}，对照 {then}" if of_group else f"；{moved.name} 由 {then} 变为 {now}"
    return Sentence(f"{en} ({_windows(lasted)}).", f"{zh}（已持续 {lasted} 个窗口）。")


def held_back_by_data(checks: list[Check]) -> Sentence:
    """Why nothing is retrained or rolled back although a check asks for it: the input is faulty."""
    return Sentence(
        "Nothing is retrained or rolled back while the input looks faulty "
        f"({', '.join(TITLES[name].en for name in checks)}): a training would learn the fault.",
        f"输入数据疑似有误（{'、'.join(TITLES[name].zh for name in checks)}），暂不重训或回滚，以免学到错误。",
    )


def cooling_down(left: int) -> Sentence:
    """Why nothing is retrained although a check asks for it: it was asked for just before."""
    return Sentence(
        f"A retraining was asked for before; the next may be in {_windows(left)}.",
        f"此前已要求重训；再过 {left} 个窗口方可再次重训。",
    )


def waiting(check: Check, lasted: int, patience: int) -> Sentence:
    """Why nothing is retrained yet."""
    return Sentence(
        f"{TITLES[check].en} would ask for a retraining once its alarm lasts {_windows(patience)}; it lasts {lasted}.",
        f"{TITLES[check].zh}：告警需持续 {patience} 个窗口才会要求重训，目前为 {lasted} 个。",
    )


def _windows(count: int) -> str:
    return f"{count} window" if count == 1 else f"{count} windows"
