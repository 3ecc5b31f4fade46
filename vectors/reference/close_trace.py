"""The next model by the rule of the round, and the columns that prove it (section 4a)."""


def next_cell(total, m, most):
    """floor((total + h) / m), clipped"""
    return max(-most, min(most, (total + m // 2) // m))


class CloseTrace:
    """Columns of a close; `fault(name, cell, value)` may change values (for cheats).

    What follows from a changed value changes too."""

    def __init__(self, layout, total, count, fault=None):
        self.lay, self.m, self.fault = layout, layout.scale(count), fault or (lambda name, cell, value: value)
        assert len(total) == layout.nW << layout.n
        rows = [self._cell(cell, value) for cell, value in enumerate(total)]
        self.columns = {name: [row[name] for row in rows] for name in layout.columns[:-1]}
        self.columns["mu0"] = [0] * layout.N
        self.missing = 0  # limbs that no row of the range holds: only a cheating prover has them
        for names in layout.numbers.values():
            for limb in names:
                for value in self.columns[limb]:
                    if 0 <= value < 1 << layout.lc:
                        self.columns["mu0"][value] += 1
                    else:
                        self.missing += 1

    def _cell(self, cell, total):
        most = self.lay.most
        quotient, rem = self.fault("division", cell, divmod(total + self.m // 2, self.m))
        new = max(-most, min(most, quotient))
        sg = (quotient > most) - (quotient < -most)
        excess = abs(quotient) - most - 1 if sg else quotient + most
        new, sg, excess = self.fault("clip", cell, (new, sg, excess))
        numbers = {"r": rem, "c": self.m - 1 - rem, "w": most - new, "g": excess}
        limbs = {}
        for name, value in self.fault("numbers", cell, numbers).items():
            limbs |= self._limbs(name, value)
        return {"S": total, "Wnext": new, "sg": sg} | limbs

    def _limbs(self, name, value):
        """A cheat's number too large or negative shows in the top limb."""
        names, lc = self.lay.numbers[name], self.lay.lc
        out = {}
        for k, limb in enumerate(names):
            rest = value >> (lc * k)
            out[limb] = rest & ((1 << lc) - 1) if k < len(names) - 1 else rest
        return out
