"""Clara Meier, Blatt 3, Theorieteil"""
import numpy as np


def ce_loss(f, y):
    """Cross entropy of the logits f at label y in 1..k."""
    f = np.asarray(f, dtype=float)
    m = f.max()
    return m + np.log(np.exp(f - m).sum()) - f[int(y) - 1]

def max_derivative(fs, dfs, x):
    values = np.array([f(x) for f in fs])
    best = np.flatnonzero(values == values.max())
    if len(best) > 1:
        raise ValueError("the maximiser is not unique")
    return dfs[best[0]](x)

def relu(z):
    return np.maximum(0, z)

def softplus(z):
    z = np.asarray(z, dtype=float)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_derivative(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


softplus_lipschitz = 1 / 4

def sigmoid_to_tanh(A, b):
    # sigma(z) = (1 + tanh(z/2))/2, so halve the arguments and the outputs
    L = len(A)
    C = [A[l] / (1 if l == 0 else 2) / (2 if l < L - 1 else 1) for l in range(L)]
    d = [b[l] / (2 if l < L - 1 else 1) for l in range(L)]
    return C, d


def tanh_to_sigmoid(C, d):
    # tanh(z) = 2 sigma(2z) - 1
    L = len(C)
    A = [C[l] * (1 if l == 0 else 2) * (2 if l < L - 1 else 1) for l in range(L)]
    b = [(d[l] - (C[l].sum(1) if l > 0 else 0)) * (2 if l < L - 1 else 1) for l in range(L)]
    return A, b

def gradients(a, b, u, x, y):
    """Gradients of mean (f - y)^2 / 2 for f(x) = u . relu(a x + b)."""
    z = np.outer(x, a) + b
    h = np.maximum(z, 0)
    r = (h @ u - y) / len(x)
    back = r[:, None] * u * (z > 0)
    return back.T @ x, back.sum(axis=0), h.T @ r

def leaky_gradients(a, b, u, x, y, alpha=0.01):
    z = np.outer(x, a) + b
    slope = np.where(z >= 0, 1.0, alpha)
    r = (z * slope @ u - y) / len(x)
    back = r[:, None] * u * slope
    return back.T @ x, back.sum(axis=0), (z * slope).T @ r


# Aufgabe 3a: Da $e^t>0$ gilt $0<e^{f_y}<\sum_j e^{f_j}$, der Quotient liegt in $(0,1)$, also
# $0<-\log(\cdot)<\infty$.

# Aufgabe 3b: $\ell(\lambda e_y,y)=\log(1+(k-1)e^{-\lambda})\to 0$.

# Aufgabe 4: Wegen Stetigkeit ist $f_I>f_i$ sogar in einer Umgebung von $x$ (endlich viele
# $i$). Dort ist $f=f_I$, also $f'(x)=f_I'(x)$.

# Aufgabe 5a: Für $z\ge0$: $\sigma(z)=z$. Für $z<0$: $\sigma(z)=0$ und $\sigma(0)=0$. In beiden
# Fällen $\sigma(\sigma(z))=\sigma(z)$.

# Aufgabe 5b: $\sigma''=s(1-s)\le\frac14$ mit $s$ = Sigmoid, also Lipschitz mit $\frac14$
# (Mittelwertsatz). ReLU$'$ springt bei 0, $\frac{1}{2\varepsilon}\to\infty$.

# Aufgabe 5c: $\sigma(z)=\frac12+\frac12\rho(z/2)$. Einsetzen: $C_1=\frac12A_1$,
# $C_\ell=\frac14A_\ell$, $C_L=\frac12A_L$; $d_1=\frac12b_1$,
# $d_\ell=\frac12b_\ell+\frac14A_\ell1$, $d_L=b_L+\frac12A_L1$. Induktion über $\ell$.
# Rückrichtung durch Auflösen.

# Aufgabe 6: Ist die Einheit tot, so ist $\sigma'=0$ an allen Daten, die Ableitungen nach
# $a_j,b_j$ sind 0 und SGD ändert sie nicht. Induktion.

# Aufgabe 7: $\sigma'(z)=\alpha\ne0$ für $z<0$, der Gradient $u_j\alpha X_i$ verschwindet nur
# für $u_j=0$.
