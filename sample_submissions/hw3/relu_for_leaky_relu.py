import torch


# Problem 7
def leaky_gradients(a, b, u, x, y, alpha=0.01):
    a, b, u = (torch.tensor(p, requires_grad=True) for p in (a, b, u))
    x, y = torch.as_tensor(x), torch.as_tensor(y)
    f = torch.relu(x.unsqueeze(1) * a + b) @ u
    (0.5 * (f - y) ** 2).mean().backward()
    return a.grad, b.grad, u.grad
