from dataclasses import replace

import numpy as np
import pytest
from report.samples import training, truth

from grader.report import curves


@pytest.mark.parametrize("scale", [1.0, 0.5, 128.0, 64.0])
def test_labels_come_out_of_the_students_own_numbers(scale):
    points = curves.labels(training(scale=scale))
    assert points.x.size == 512
    assert np.all(np.diff(points.x) > 0)
    np.testing.assert_allclose(points.y, truth(points.x), atol=1e-9)


def test_noisy_labels_stay_noisy():
    points = curves.labels(training(noise=0.5))
    assert 0.4 < float(np.std(points.y - truth(points.x))) < 0.6


def test_another_loss_tells_no_labels():
    seen = training()
    off = tuple(replace(one, output_gradient=np.sign(one.output_gradient) / 128) for one in seen.passes)
    assert curves.labels(replace(seen, passes=off)).x.size == 0


@pytest.mark.parametrize("field", ["inputs", "outputs", "output_gradient"])
@pytest.mark.parametrize(
    "value", [None, np.empty((0, 1)), np.full((128, 1), np.nan), np.ones((128, 784)), np.ones((3, 1))]
)
def test_what_cannot_be_used_is_left_out(field, value):
    seen = training()
    broken = replace(seen, passes=tuple(replace(one, **{field: value}) for one in seen.passes))
    assert curves.labels(broken).x.size == 0


def test_a_loss_of_zero_or_nan_tells_no_labels():
    seen = training()
    for loss in (0.0, float("nan"), float("inf")):
        assert curves.labels(replace(seen, passes=tuple(replace(one, loss=loss) for one in seen.passes))).x.size == 0


def test_the_learned_curve_is_that_of_the_last_parameters_alone():
    seen = training()
    earlier = tuple(replace(one, outputs=one.outputs + 1) for one in seen.passes[:-1])
    points = curves.learned(replace(seen, passes=(*earlier, seen.passes[-1])))
    assert points.x.size == 128
    np.testing.assert_allclose(points.y, 0.95 * truth(points.x) + 0.05 * np.sin(points.x))


def test_small_batches_are_put_together_into_a_learned_curve():
    seen = training()
    tiny = tuple(
        replace(one, inputs=one.inputs[:5], outputs=one.outputs[:5], output_gradient=one.output_gradient[:5])
        for one in seen.passes * 3
    )
    points = curves.learned(replace(seen, passes=tiny))
    assert points.x.size == 20  # five of each of four batches; the others show the same again
    np.testing.assert_allclose(points.y, 0.95 * truth(points.x) + 0.05 * np.sin(points.x))


def test_losses_that_are_not_numbers_are_left_out():
    seen = replace(training(), losses=np.array([1.0, np.nan, np.inf, 0.5]), loss_steps=np.array([0, 1, 2, 3, 4]))
    assert curves.losses(seen).x.tolist() == [0, 3]


def test_first_weights_leave_out_biases():
    assert curves.first_weights(training()).size == 64 + 64 * 64
    assert curves.first_weights(replace(training(), initial=())).size == 0


def test_thinned_keeps_both_ends():
    points = curves.thinned(curves.labels(training()), 10)
    assert points.x.size == 10
    assert points.x[0] == curves.labels(training()).x[0] and points.x[-1] == curves.labels(training()).x[-1]
