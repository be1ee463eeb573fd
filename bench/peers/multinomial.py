# SPDX-License-Identifier: GPL-3.0-or-later
"""multinomial.py FILE [REPEATS]: median seconds of scikit-learn's L-BFGS on the data that bench_multinomial wrote to FILE, and
the largest entry of the mean loss's gradient where it ends."""
import sys
import time

import numpy as np
from sklearn.linear_model import LogisticRegression

N, P, K = 100_000, 50, 10
values = np.fromfile(sys.argv[1])
x, y = np.ascontiguousarray(values[: N * P].reshape(N, P)), values[N * P :].astype(int)
repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3


def gradient(model):
    p = model.predict_proba(x)
    p[np.arange(N), y] -= 1
    return max(np.abs(p.T @ x / N).max(), np.abs(p.mean(axis=0)).max())


for tolerance in (1e-4, 1e-8):
    seconds = []
    for _ in range(repeats):
        # C is 1 over the penalty on the sum of losses: next to none.
        model = LogisticRegression(solver="lbfgs", multi_class="multinomial", C=1e12, tol=tolerance, max_iter=10000)
        start = time.perf_counter()
        model.fit(x, y)
        seconds.append(time.perf_counter() - start)
    print(f"scikit-learn lbfgs, tol {tolerance:g}: {np.median(seconds):.3f} s ({model.n_iter_[0]} iterations, "
          f"gradient {gradient(model):.1e})")
