"""How does this outlet frame the story?

Labels framing and propaganda techniques in every sentence of news articles, and turns the labels into a
framing profile of each outlet. Public names are loaded when first used: importing the package is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framing.articles import read_articles as read_articles
    from framing.codebook import load_codebook as load_codebook
    from framing.comparisons import view_story as view_story
    from framing.embeddings import Embedder as Embedder
    from framing.errors import FramingError as FramingError
    from framing.gold import read_gold as read_gold
    from framing.labelling import Model as Model
    from framing.labels import Labels as Labels
    from framing.model_folder import load_model as load_model
    from framing.profiles import Profiles as Profiles
    from framing.profiling import build_profiles as build_profiles
    from framing.records import Article as Article
    from framing.records import LabelledSentence as LabelledSentence
    from framing.reports import write_report as write_report
    from framing.samples import sample_articles_path as sample_articles_path
    from framing.sampling import draw_sample as draw_sample
    from framing.sentences import split_sentences as split_sentences
    from framing.store import read_labels as read_labels
    from framing.store import write_labels as write_labels
    from framing.stories import find_stories as find_stories
    from framing.stories import read_stories as read_stories
    from framing.views import view_article as view_article
    from framing.within import compare_within_stories as compare_within_stories

__version__ = "0.8.0"

_ROOMS = {
    "Article": "records",
    "Embedder": "embeddings",
    "FramingError": "errors",
    "LabelledSentence": "records",
    "Labels": "labels",
    "Model": "labelling",
    "Profiles": "profiles",
    "build_profiles": "profiling",
    "compare_within_stories": "within",
    "draw_sample": "sampling",
    "find_stories": "stories",
    "load_codebook": "codebook",
    "load_model": "model_folder",
    "read_articles": "articles",
    "read_gold": "gold",
    "read_labels": "store",
    "read_stories": "stories",
    "sample_articles_path": "samples",
    "split_sentences": "sentences",
    "view_article": "views",
    "view_story": "comparisons",
    "write_labels": "store",
    "write_report": "reports",
}
__all__ = list(_ROOMS)


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'framing' has no attribute {name!r}")
    return getattr(import_module(f"framing.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_ROOMS])
