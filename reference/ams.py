"""Advanced Studies in Mathematics, exercise: a curve learned by a network, and how networks behave.

What is true, how nearly, and how it usually goes wrong. Imported, it answers the grader's questions; run, it is the
model submission. The sheet states no initialisation, and from torch's own this recipe does not reach the curve (24 of
24 runs end as far from it as the zero function): so the network and its training are judged, never the fit.
"""

from activations import relu, softplus, softplus_derivative, softplus_lipschitz
from curve import hand_in, network, on, parameter_count, recipe
from dead_units import dead_unit_stays, gradients, leaky_gradients, leaky_unit_moves
from equivalence import sigmoid_to_tanh, tanh_to_sigmoid

from grader.expect import Plot, Recipe

# ------------------------------------------------------------------------------------ 1, 3: the network, trained so

net = network()
training = Recipe(net, **recipe, rows=1000)
noisy_training = Recipe(net, **recipe, rows=1000, noise=(0.5, 0.5**0.5))  # N(0, 0.5): spread or variance
plot = Plot(training, noisy_training, on=on)

# -------------------------------------------------------------------------------------------- 1, 3: as handed in

if __name__ == "__main__":
    model, noisy_model = hand_in(1000, initialise=False)
