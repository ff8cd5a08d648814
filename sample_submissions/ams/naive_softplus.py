import torch


def softplus(x):
    return torch.log(1 + torch.exp(x))


def softplus_derivative(x):
    return torch.exp(x) / (1 + torch.exp(x))


softplus_lipschitz = 1 / 4
