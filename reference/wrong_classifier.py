"""How a classifier of images usually goes wrong: its layers, its training, what is drawn and reported of it.

Each known mistake is a program that makes it, called as the finding calls it; `grade selfcheck` hands it in. They train
for seconds at most, and draw made-up losses and probabilities where it is the drawing that is wrong.
"""

import numpy as np
from fashion import accuracy, bars, classifier, dense, draw, epoch, learning, loss_curves, probabilities, right, split

from grader.expect import mistake

LOSSES = (2.3, 1.2, 0.8, 0.6)


def trained(rule="Adam", lr=1e-3, images=640, labels=lambda y: y, fresh=True, **settings):
    """The network after one epoch of so many images."""
    import torch

    torch.manual_seed(0)
    x, y = split("train")
    model = dense(784, 256, 128, 64, 10)
    descent = getattr(torch.optim, rule)(model.parameters(), lr=lr, **settings)
    epoch(model, descent, x[:images], labels(y[:images]), fresh=fresh)
    return model


# ----------------------------------------------------------------------------------------------------------- the layers


@mistake(classifier, "The sheet asks for ReLU after each of the three hidden layers.")
def other_activation():
    return dense(784, 256, 128, 64, 10, activation="Sigmoid")


@mistake(classifier, "There are three hidden layers, of 256, 128 and 64 units: four linear layers in all.")
def missing_layer():
    return dense(784, 256, 64, 10)


# --------------------------------------------------------------------------------------------------------- the training


@mistake(learning, "backward() adds to the gradients that are there: set them to zero before each step.")
def no_zero_grad():
    return trained(fresh=False)


@mistake(learning, "Gradient descent makes the loss smaller; if it does not, look at the sign and size of the steps.")
def never_falls():
    return trained("SGD", lr=0.01, maximize=True, images=1920)


@mistake(learning, "A loss that is not a number any more teaches nothing: the steps were too long for it.")
def diverged():
    return trained("SGD", lr=1e30)


# ----------------------------------------------------------------------------------------------------------- the curves


@mistake(loss_curves, "Only the loss on images that it was not trained on tells how well the network generalises.")
def no_test_curve():
    draw(training_loss=LOSSES)


@mistake(loss_curves, "Both losses are asked for, whatever else is drawn: accuracies do not show what training lowers.")
def accuracy_for_loss():
    draw(training_accuracy=(0.2, 0.5, 0.7), test_accuracy=(0.2, 0.5, 0.6))


@mistake(loss_curves, "The loss on the training images is what the steps make smaller.")
def rises():
    draw(training_loss=LOSSES[::-1], test_loss=LOSSES[::-1])


# ------------------------------------------------------------------------------------------------ how often it is right


@mistake(
    accuracy, "One class in ten is right by chance: the network has not learned what belongs to what.", part="network"
)
def guesses():
    return trained(labels=lambda y: 0 * y)


@mistake(accuracy, "The network is on its way, and training ended early.", part="network")
def trained_too_little():
    return trained(images=1600)


@mistake(accuracy, "What is reported is to be counted with the trained network, on all test images.", part="report")
def misreported():
    print("test accuracy 0.42")
    return trained(images=8000)


@mistake(
    accuracy, "The accuracy is the share of images that are right; reported is the share that is wrong.", part="report"
)
def error_for_accuracy():
    import torch

    model = trained(images=8000)
    with torch.no_grad():
        print(f"test accuracy {1 - right(model, *split('t10k')):.3f}")
    return model


# ---------------------------------------------------------------------------------------------------- the probabilities


@mistake(probabilities, "The network's outputs become probabilities by a softmax.")
def no_probabilities():
    bars(*np.linspace(-3, 5, 30).reshape(3, 10))


@mistake(probabilities, "Three images are asked for.")
def too_few():
    bars(np.arange(10) / 45)
