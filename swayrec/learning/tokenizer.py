"""The word pieces of a BERT model's folder, whichever format the folder has."""

import json
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from swayrec.tables.errors import InputError

VOCABULARIES = ("assets/tokenizer/vocabulary.txt", "vocab.txt", "vocabulary.txt")
SPECIAL = ("[UNK]", "[CLS]", "[SEP]")


def load_tokenizer(folder: Path, longest: int) -> Tokenizer:
    """A tokenizer that cuts a text into at most ``longest`` pieces, start and end marks among them, unpadded.

    Reads transformers' ``tokenizer.json`` as it stands; else (keras-hub's file of that name is another
    thing) the vocabulary, with the lower-casing that the folder's configuration names. keras-hub's own
    tokenizer is not used: called eagerly it keeps accents, which turns "Café" into an unknown word.

    Raises:
        InputError: the folder holds neither, or the vocabulary lacks BERT's marks.
    """
    whole = folder / "tokenizer.json"
    config = json.loads(whole.read_text(encoding="utf-8")) if whole.is_file() else {}
    if isinstance(config.get("model"), dict):
        tokenizer = Tokenizer.from_file(str(whole))
    else:
        tokenizer = _from_vocabulary(folder, _lowercase(folder, config))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    return tokenizer


def _lowercase(folder: Path, keras_config: dict) -> bool:
    if "config" in keras_config:
        return bool(keras_config["config"].get("lowercase", False))
    path = folder / "tokenizer_config.json"
    transformers = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return bool(transformers.get("do_lower_case", True))


def _from_vocabulary(folder: Path, lowercase: bool) -> Tokenizer:
    path = next((folder / name for name in VOCABULARIES if (folder / name).is_file()), None)
    if path is None:
        raise InputError(
            f"{folder}: there is no tokenizer.json and no vocab.txt; bring the model's whole folder"
        )
    pieces = path.read_text(encoding="utf-8").splitlines()
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    missing = [mark for mark in SPECIAL if mark not in vocabulary]
    if missing:
        raise InputError(
            f"{path}: {', '.join(missing)} is missing; this is not the vocabulary of a BERT model"
        )
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    marks = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    return tokenizer
