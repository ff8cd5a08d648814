"""Advanced Studies in Mathematics, exercise: a curve learned by a network, and how networks behave.

What is true, how nearly, and how it usually goes wrong. Imported, it answers the grader's questions; run, it is the
model submission. The sheet states no initialisation, and from torch's own this recipe does not reach the curve (24 of
24 runs end as far from it as the zero function): so the network and its training are judged, never the fit.
"""

from activations import relu, softplus, softplus_derivative, softplus_lipschitz
from curve import hand_in, net, on, parameter_count, recipe
from dead_units import dead_unit_stays, gradients, leaky_gradients, leaky_unit_moves
from equivalence import sigmoid_to_tanh, tanh_to_sigmoid
from wrong_training import DATA, FEW, PLOTS, RULES, biased_noise, both, mistakes, other_noise

from grader.expect import Plot, Recipe, mistake

# ------------------------------------------------------------------------------------ 1, 3: the network, trained so

training = Recipe(net, **recipe, rows=1000)
noisy_training = Recipe(net, **recipe, rows=1000, noise=(0.5, 0.5**0.5))  # N(0, 0.5): spread or variance
plot = Plot(training, noisy_training, on=on)

mistakes(training, RULES, part="rule")
mistakes(training, DATA, part="data")
mistakes(noisy_training, RULES, part="rule")
mistakes(
    noisy_training,
    {
        other_noise: "N(0, 0.5) may mean a deviation or a variance of 0.5; this is neither.",
        biased_noise: "The noise has mean 0.",
    },
    part="data",
)
mistakes(plot, PLOTS)


@mistake(training, "A batch is 128 points, so that an epoch makes eight steps.", part="schedule")
@mistake(noisy_training, "A batch is 128 points, so that an epoch makes eight steps.", part="schedule")
def full_batch():
    return both(1000, batch=1000, epochs=FEW)


@mistake(training, "1000 epochs are asked for.", part="schedule")
@mistake(noisy_training, "1000 epochs are asked for.", part="schedule")
def other_epochs():
    return both(1000, epochs=50)


# -------------------------------------------------------------------------------------------- 1, 3: as handed in

if __name__ == "__main__":
    model, noisy_model = hand_in(1000, initialise=False)
