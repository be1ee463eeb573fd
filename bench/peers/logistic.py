# SPDX-License-Identifier: GPL-3.0-or-later
"""logistic.py FILE [REPEATS]: median seconds of scikit-learn's solvers on the rows that bench_logistic wrote to FILE, and the
largest entry of the mean loss's gradient where they end. None of them gives standard errors."""
import sys
import time

import numpy as np
from sklearn.linear_model import LogisticRegression

N, P = 500_000, 30
values = np.fromfile(sys.argv[1])
y, x = values[:N].astype(int), np.ascontiguousarray(values[N:].reshape(N, P))
repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3

for solver, tolerance in (("lbfgs", 1e-4), ("lbfgs", 1e-8), ("newton-cholesky", 1e-8)):
    seconds = []
    try:
        for _ in range(repeats):
            # C is 1 over the penalty on the sum of losses: next to none.
            model = LogisticRegression(solver=solver, C=1e12, tol=tolerance, max_iter=10000)
            start = time.perf_counter()
            model.fit(x, y)
            seconds.append(time.perf_counter() - start)
    except ValueError as error:  # an older version has no such solver
        print(f"scikit-learn {solver}: {error}")
        continue
    residual = model.predict_proba(x)[:, 1] - y
    gradient = max(np.abs(residual @ x / N).max(), abs(residual.mean()))
    print(f"scikit-learn {solver}, tol {tolerance:g}: {np.median(seconds):.3f} s ({model.n_iter_[0]} iterations, "
          f"gradient {gradient:.1e})")
