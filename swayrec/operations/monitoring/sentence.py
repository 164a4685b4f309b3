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

    @property
    def both(self) -> str:
        """One after the other, as a title."""
        return f"{self.en} · {self.zh}"
