"""Colours: contrast on light and dark pages (WCAG 2.2), and distinct under colour-vision deficiency."""

import itertools

import numpy as np
import pytest

from helpers.charts import bias, coverage, drapery, funnel, gosh, posterior, shift, theme
from helpers.charts.specification_curve import CONCLUSION_COLOURS

LIGHT, DARK = "#ffffff", "#121212"
BIAS = {judgement.colour for judgement in bias.JUDGEMENTS.values()}
# Colours that must be told apart within one chart; pooled results are purple wherever they stand among trials.
PALETTES = {
    "population classes and the pooled result": {*theme.POPULATION_COLOURS.values(), theme.PURPLE},
    "judgements": BIAS,
    "conclusions": set(CONCLUSION_COLOURS),
    "intervals": set(coverage.COLOURS),
    "drapery": set(drapery.COLOURS.values()),
    "subsets with and without a trial": {gosh.COLOURS["with"], gosh.COLOURS["without"]},
    "posterior": set(posterior.COLOURS.values()),
}
MEANINGFUL = sorted(set().union(*PALETTES.values()))

# Machado, Oliveira & Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1.0, for linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def difference(one, other, vision):
    """CIE 1976 colour difference as seen with a kind of vision; about 2 is just noticeable."""

    def lab(colour):
        channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        seen = np.clip(np.asarray(VISION[vision]) @ linear, 0, 1)
        to_xyz = [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
        ratio = np.array(to_xyz) @ seen / [0.95047, 1, 1.08883]
        f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    return float(np.linalg.norm(lab(one) - lab(other)))


def test_contrast_agrees_with_published_examples():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the classic near miss of 4.5
    assert theme.contrast("#ffffff", "#777777") == theme.contrast("#777777", "#ffffff")


@pytest.mark.parametrize("colour", MEANINGFUL)
@pytest.mark.parametrize("page", [LIGHT, DARK])
def test_a_mark_stands_out_from_the_page(colour, page):
    assert theme.contrast(colour, page) >= 3


@pytest.mark.parametrize("vision", list(VISION))
@pytest.mark.parametrize("palette", PALETTES)
def test_the_colours_of_a_chart_differ_for_every_eye(palette, vision):
    pairs = list(itertools.combinations(sorted(PALETTES[palette]), 2))
    assert pairs
    assert min(difference(*pair, vision) for pair in pairs) > 15


@pytest.mark.parametrize("vision", list(VISION))
def test_levels_of_a_scale_differ_for_every_eye(vision):
    assert min(difference(*pair, vision) for pair in itertools.combinations(shift.LEVEL_COLOURS, 2)) > 20


@pytest.mark.parametrize("fill", sorted({*shift.LEVEL_COLOURS, *BIAS}))
def test_text_on_a_coloured_mark_can_be_read(fill):
    assert theme.contrast(theme.readable_on(fill), fill) >= 4.5


def test_population_classes_differ_in_shape_too():
    assert len(set(theme.POPULATION_SHAPES.values())) == len(theme.POPULATION_CLASSES)


def test_judgements_of_one_tool_differ_in_letters_and_in_shape_or_colour():
    for levels in bias.TOOLS.values():
        drawn = [bias.JUDGEMENTS[level] for level in levels]
        assert len({judgement.letters for judgement in drawn}) == len(levels)
        assert len({(judgement.shape, judgement.colour) for judgement in drawn}) == len(levels)


def test_what_one_colour_does_not_tell_apart_differs_in_dashes_or_shape():
    looks = [(drapery.COLOURS[name], str(drapery.DASHES[name])) for name in drapery.NAMES]
    assert len(set(looks)) == len(looks)
    assert gosh.SHAPES["with"] != gosh.SHAPES["without"]
    assert len({str(dash) for dash in funnel.DASHES}) == len(funnel.DASHES)
