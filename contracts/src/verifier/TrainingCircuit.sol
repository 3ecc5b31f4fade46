// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs, Loss} from "./Program.sol";
import {Layout, Region, Layouts} from "./Layout.sol";
import {Circuit, Fractions, Integrand, LookupChallenges} from "./Circuit.sol";
import {Publics} from "./Publics.sol";
import {Scalar, Scalars, R, ONE, ZERO} from "./Scalar.sol";
import {Vectors} from "./Vectors.sol";

/// What the integrand of a training proof is computed from; `values`: columns, helpers, y, v.
struct Evaluation {
    Program program;
    Layout lay;
    LookupChallenges challenges;
    Publics publics;
    Scalar[] values;
    Fractions fractions; // none yet
    // computed: sum_k 2^(lb k) r_k and sum_k 2^(lb k) g_k
    Scalar remainder;
    Scalar excess;
}

/// The integrand of S2 of a training proof at r2 (section 3).
library TrainingCircuit {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Programs for Program;
    using Layouts for Layout;

    /// sum_{g<G} chi^(1+g) H_g + chi^(G+1) C_1 + .., and sum_g h_g.
    function integrand(Evaluation memory at2) internal pure returns (Integrand memory f) {
        Layout memory lay = at2.lay;
        _limbs(at2);
        _act(at2);
        _lanes(at2);
        at2.remainder = _recompose(at2, lay.limbs, at2.program.remainderLimbs);
        at2.excess = _recompose(at2, 3, at2.program.excessLimbs);
        f = Circuit.helpers(at2.fractions, at2.values, lay.columns, at2.challenges.chi);
        _saturation(at2, f);
        _deltas(at2, f);
        if (_hasDerivatives(at2)) _derivatives(at2, f);
        if (at2.program.loss == Loss.SOFTMAX) _softmax(at2, f);
    }

    /// Units r_k and g_k.
    function _limbs(Evaluation memory at2) private pure {
        unchecked {
            Program memory p = at2.program;
            LookupChallenges memory c = at2.challenges;
            uint256 nr = p.remainderLimbs;
            Scalar full = c.alpha + c.gamma * Scalars.from(p.limbBits);
            _ranges(at2, 0, at2.lay.limbs, nr - 1, full);
            _ranges(at2, nr - 1, at2.lay.limbs + nr - 1, 1, c.alpha + c.gamma * Scalars.from(p.topWidth));
            _ranges(at2, nr, 3, p.excessLimbs, full);
        }
    }

    /// n units from `unit` on, of the columns from `pos` on; shift: alpha and the tag.
    function _ranges(Evaluation memory at2, uint256 unit, uint256 pos, uint256 n, Scalar shift) private pure {
        unchecked {
            Scalar selR = at2.publics.selR;
            for (uint256 k = 0; k < n; ++k) {
                Circuit.include(at2.fractions, at2.lay.helperOf.get(unit + k), selR, shift + at2.values.get(pos + k));
            }
        }
    }

    /// Unit act: q + 2^(l-1) + gamma tag(row) + gamma^2 selA a + gamma^3 selH s
    function _act(Evaluation memory at2) private pure {
        unchecked {
            Program memory p = at2.program;
            Scalar[] memory values = at2.values;
            Scalar gamma = at2.challenges.gamma;
            uint256 a = at2.lay.a;
            Scalar x = at2.publics.selA * values.get(a) + gamma * at2.publics.selH * values.get(a + 1);
            x = values.get(0) + Scalars.powerOfTwo(p.bits - 1) + gamma * (at2.publics.tag + gamma * x);
            uint256 helper = at2.lay.helperOf.get(p.remainderLimbs + p.excessLimbs);
            Circuit.include(at2.fractions, helper, at2.publics.selR, at2.challenges.alpha + x);
        }
    }

    function _lanes(Evaluation memory at2) private pure {
        unchecked {
            Layout memory lay = at2.lay;
            uint256 first = at2.program.remainderLimbs + at2.program.excessLimbs + 1;
            for (uint256 lane = 0; lane < lay.lanes; ++lane) {
                Scalar numerator = -(at2.publics.selT[lane] * at2.values.get(lay.mu + lane));
                Scalar denominator = at2.challenges.alpha + at2.publics.t[lane];
                Circuit.include(at2.fractions, lay.helperOf.get(first + lane), numerator, denominator);
            }
        }
    }

    /// sum_k 2^(lb k) x_k over n columns from position `pos` on
    function _recompose(Evaluation memory at2, uint256 pos, uint256 n) private pure returns (Scalar sum) {
        Scalar[] memory values = at2.values;
        uint256 limbBits = at2.program.limbBits;
        assembly ("memory-safe") {
            let a := add(values, shl(5, pos))
            let base := shl(limbBits, 1)
            for { let k := shl(5, n) } k { k := sub(k, 32) } { sum := addmod(mulmod(sum, base, R), mload(add(a, k)), R) }
        }
    }

    /// C_1, C_2, C_3: the sign and distance of saturation
    function _saturation(Evaluation memory at2, Integrand memory f) private pure {
        unchecked {
            Scalar sg = at2.values.get(1);
            Scalar square = sg * sg;
            Scalar q = at2.values.get(0);
            Circuit.constrain(f, square * sg - sg);
            Circuit.constrain(f, at2.values.get(2) - sg * (ONE + at2.excess));
            Circuit.constrain(f, sg * (q + q + ONE) - square * Scalars.from((1 << at2.program.bits) - 1));
        }
    }

    /// C_4, C_5: deltas
    function _deltas(Evaluation memory at2, Integrand memory f) private pure {
        unchecked {
            Program memory p = at2.program;
            Scalar[] memory values = at2.values;
            Scalar q = values.get(0);
            Scalar a = values.get(at2.lay.a);
            Scalar s = values.get(at2.lay.a + 1);
            Circuit.constrain(f, at2.publics.selB * (a - q * s));
            uint256 pos = at2.lay.columns + at2.lay.helpers;
            (Scalar y, Scalar v) = (values.get(pos), values.get(pos + 1));
            Scalar output;
            if (p.weighted()) {
                // one-hot: a registration makes the targets of invalid records zero
                output = p.oneHot ? ZERO : y * (ONE - v);
            } else {
                Scalar predicted = p.loss == Loss.SQUARED ? Scalars.powerOfTwo(p.deltaBits - p.activationBits) * q : a;
                output = s - (p.loss == Loss.HUBER ? predicted : predicted - y) * v;
            }
            Circuit.constrain(f, at2.publics.selO * output);
        }
    }

    function _hasDerivatives(Evaluation memory at2) private pure returns (bool found) {
        unchecked {
            for (uint256 i = 1; i <= at2.program.layers; ++i) {
                found = found || at2.lay.region(i, Region.DERIVATIVE) != Region.NONE;
            }
        }
    }

    /// C_6: rounded products a s
    function _derivatives(Evaluation memory at2, Integrand memory f) private pure {
        unchecked {
            uint256 bits = at2.program.scaleBits;
            Scalar[] memory values = at2.values;
            Scalar rounded = (values.get(0) + values.get(2)) * Scalars.powerOfTwo(bits) + at2.remainder;
            Scalar product = at2.publics.selX * values.get(at2.lay.a) * values.get(at2.lay.a + 1);
            Circuit.constrain(f, product + at2.publics.selD * (Scalars.powerOfTwo(bits - 1) - rounded));
        }
    }

    /// C_7 to C_10: quotients and their remainders, one maximum
    function _softmax(Evaluation memory at2, Integrand memory f) private pure {
        unchecked {
            Scalar q = at2.values.get(0);
            Scalar a = at2.values.get(at2.lay.a);
            Scalar s = at2.values.get(at2.lay.a + 1);
            Scalar doubled = Scalars.powerOfTwo(at2.program.deltaBits + 1) * a;
            Circuit.constrain(f, at2.publics.selQ * (doubled + s - (s + s) * q - at2.remainder));
            Circuit.constrain(f, at2.publics.selQ * (s + s - ONE - at2.remainder - at2.excess));
            Circuit.constrain(f, at2.publics.selP * (s * s - s));
            Circuit.constrain(f, at2.publics.selP * s * (q + Scalars.powerOfTwo(at2.program.bits - 1)));
        }
    }
}
