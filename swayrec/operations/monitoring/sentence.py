"""What people are told, in English and in Chinese."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """One sentence in both languages."""

    en: str
    zh: str

    def to_json(self) -> dict[str, str]:
        """By language."""
        return {"en": self.en, "zh": self.zh}
