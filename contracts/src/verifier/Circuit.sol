// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs} from "./Program.sol";
import {Layout, TAG_HIDDEN, TAG_RELU, TAG_SIGMOID} from "./Layout.sol";
import {Scalar, Scalars, ONE, ZERO} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Vectors} from "./Vectors.sol";

/// Public functions of S2 at its point r2 (section 2): selectors and the looked-up tables of the lanes.
struct Publics {
    Scalar selR;
    Scalar tag;
    Scalar selA;
    Scalar selH;
    Scalar selB;
    Scalar selO;
    Scalar[4] selT;
    Scalar[4] t;
}

struct LookupChallenges {
    Scalar alpha;
    Scalar gamma;
    Scalar chi;
}

/// The integrand of S2 as it is summed up: helper constraints and constraints with rising powers of chi, and sum_g h_g.
struct Integrand {
    Scalar total;
    Scalar power;
    Scalar chi;
    Scalar sumHelpers;
}

/// Numerators and denominators of the fractions that helpers stand for, over their units so far.
struct Fractions {
    Scalar[] numerator;
    Scalar[] denominator;
}

/// What the integrand of a training proof is computed from; `values`: columns, helpers, y, v.
struct Evaluation {
    Program program;
    Layout lay;
    LookupChallenges challenges;
    Publics publics;
    Scalar[] values;
    Fractions fractions;
}

/// The integrand of S2 at r2 (section 3).
library Circuit {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Scalars for Scalar;

    function publics(Program memory p, Layout memory lay, Scalar gamma, Scalar[] memory r2, Scalar vtab)
        internal
        pure
        returns (Publics memory pub)
    {
        unchecked {
            uint256 L = p.layers;
            for (uint256 i = 1; i <= L; ++i) {
                uint256 n = lay.c - (lay.tb + lay.bb + lay.J.get(i));
                Scalar here = Multilinear.eqBits(lay.forward.get(i), r2, 0, n);
                uint256 tag;
                if (i < L) {
                    tag = TAG_HIDDEN + p.activations.get(i);
                    pub.selA = pub.selA + here;
                    pub.selH = pub.selH + here;
                    Scalar back = Multilinear.eqBits(lay.backward.get(i), r2, 0, n);
                    pub.selB = pub.selB + back;
                } else {
                    tag = p.sigmoid ? TAG_SIGMOID : p.bits;
                    pub.selO = here;
                    if (p.sigmoid) pub.selA = pub.selA + here;
                }
                pub.selR = pub.selR + here;
                pub.tag = pub.tag + here * Scalars.from(tag);
            }
            pub.selR = pub.selR + pub.selB;
            pub.tag = pub.tag + pub.selB * Scalars.from(p.bits);
            _tables(lay, gamma, r2, vtab, pub);
        }
    }

    function _tables(Layout memory lay, Scalar gamma, Scalar[] memory r2, Scalar vtab, Publics memory pub) private pure {
        unchecked {
            uint256[] memory segments = lay.segments;
            for (uint256 i = 0; i < segments.length; i += 4) {
                uint256 lane = segments.get(i + 2);
                (Scalar here, Scalar value) = segmentAt(segments.get(i), segments.get(i + 1), segments.get(i + 3), gamma, r2);
                // the committed table is zero outside of its segment
                if (segments.get(i) == TAG_SIGMOID) value = value + gamma * gamma * vtab;
                pub.selT[lane] = pub.selT[lane] + here;
                pub.t[lane] = pub.t[lane] + value;
            }
        }
    }

    /// [row in segment] and [row in segment] (idx + gamma tag + gamma^2 a + gamma^3 s), without the sigmoid's a.
    function segmentAt(uint256 tag, uint256 width, uint256 prefix, Scalar gamma, Scalar[] memory point)
        internal
        pure
        returns (Scalar here, Scalar value)
    {
        unchecked {
            uint256 low = point.length - width;
            here = Multilinear.eqBits(prefix, point, 0, low);
            value = Multilinear.index(point, low, width) + gamma * Scalars.from(tag);
            if (tag == TAG_HIDDEN || tag == TAG_RELU) {
                value = value + gamma * gamma * _activation(tag == TAG_RELU, point, low, gamma);
            }
            value = here * value;
        }
    }

    /// a + gamma s, a = act(idx - 2^(l-1)), s = act' of a hidden kind; the last variables of the point, from `low` on, spell idx.
    function _activation(bool relu, Scalar[] memory point, uint256 low, Scalar gamma) private pure returns (Scalar) {
        unchecked {
            uint256 n = point.length - low;
            if (!relu) return Multilinear.index(point, low, n) - Scalars.powerOfTwo(n - 1) + gamma;
            // idx > 2^(l-1): the leading bit and any other
            Scalar rest = ONE - Multilinear.eqBits(0, point, low + 1, n - 1);
            return point.get(low) * (Multilinear.index(point, low + 1, n - 1) + gamma * rest);
        }
    }

    /// sum_{g<G} chi^(1+g) H_g + chi^(G+1) C_1 + .. + chi^(G+5) C_5, and sum_g h_g.
    function training(Evaluation memory at2) internal pure returns (Integrand memory f) {
        at2.fractions = start(at2.lay.helpers);
        _limbs(at2);
        _act(at2);
        _lanes(at2);
        f = helpers(at2.fractions, at2.values, at2.lay.columns, at2.challenges.chi);
        _saturation(at2, f);
        _deltas(at2, f);
    }

    function start(uint256 n) internal pure returns (Fractions memory f) {
        f.numerator = new Scalar[](n);
        f.denominator = new Scalar[](n);
        for (uint256 g = 0; g < n; ++g) {
            f.denominator.set(g, ONE);
        }
    }

    /// Adds numerator / denominator to helper g's fraction.
    function include(Fractions memory f, uint256 g, Scalar numerator, Scalar denominator) internal pure {
        f.numerator.set(g, f.numerator.get(g) * denominator + numerator * f.denominator.get(g));
        f.denominator.set(g, f.denominator.get(g) * denominator);
    }

    /// sum_g chi^(1+g) H_g with H_g = h_g denominator - numerator, and sum_g h_g; h_g from position `pos` on.
    function helpers(Fractions memory fractions, Scalar[] memory values, uint256 pos, Scalar chi)
        internal
        pure
        returns (Integrand memory f)
    {
        unchecked {
            f.power = chi;
            f.chi = chi;
            for (uint256 g = 0; g < fractions.numerator.length; ++g) {
                Scalar h = values.get(pos + g);
                constrain(f, h * fractions.denominator.get(g) - fractions.numerator.get(g));
                f.sumHelpers = f.sumHelpers + h;
            }
        }
    }

    /// Adds one more constraint.
    function constrain(Integrand memory f, Scalar value) internal pure {
        f.total = f.total + f.power * value;
        f.power = f.power * f.chi;
    }

    /// Units r_k and g_k.
    function _limbs(Evaluation memory at2) private pure {
        unchecked {
            Program memory p = at2.program;
            uint256 nr = p.remainderLimbs;
            uint256 units = nr + p.excessLimbs;
            Scalar full = at2.challenges.alpha + at2.challenges.gamma * Scalars.from(p.bits);
            Scalar top = at2.challenges.alpha + at2.challenges.gamma * Scalars.from(p.topWidth);
            for (uint256 u = 0; u < units; ++u) {
                Scalar x = (u + 1 == nr ? top : full) + at2.values.get(u < nr ? at2.lay.limbs + u : 3 + u - nr);
                include(at2.fractions, at2.lay.helperOf.get(u), at2.publics.selR, x);
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
            include(at2.fractions, helper, at2.publics.selR, at2.challenges.alpha + x);
        }
    }

    function _lanes(Evaluation memory at2) private pure {
        unchecked {
            Layout memory lay = at2.lay;
            uint256 first = at2.program.remainderLimbs + at2.program.excessLimbs + 1;
            for (uint256 lane = 0; lane < lay.lanes; ++lane) {
                Scalar numerator = -(at2.publics.selT[lane] * at2.values.get(lay.mu + lane));
                include(at2.fractions, lay.helperOf.get(first + lane), numerator, at2.challenges.alpha + at2.publics.t[lane]);
            }
        }
    }

    /// C_1, C_2, C_3: the sign and distance of saturation
    function _saturation(Evaluation memory at2, Integrand memory f) private pure {
        unchecked {
            Scalar sg = at2.values.get(1);
            Scalar square = sg * sg;
            Scalar q = at2.values.get(0);
            constrain(f, square * sg - sg);
            constrain(f, at2.values.get(2) - sg * _excess(at2.program, at2.values));
            constrain(f, sg * (q + q + ONE) - square * Scalars.from((1 << at2.program.bits) - 1));
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
            constrain(f, at2.publics.selB * (a - q * s));
            Scalar predicted = p.sigmoid ? a : Scalars.powerOfTwo(p.deltaBits - p.activationBits) * q;
            uint256 y = at2.lay.columns + at2.lay.helpers;
            predicted = (predicted - values.get(y)) * values.get(y + 1);
            constrain(f, at2.publics.selO * (s - predicted));
        }
    }

    /// 1 + sum_k 2^(l k) g_k
    function _excess(Program memory p, Scalar[] memory values) private pure returns (Scalar excess) {
        unchecked {
            excess = ONE;
            for (uint256 k = 0; k < p.excessLimbs; ++k) {
                excess = excess + Scalars.powerOfTwo(p.bits * k) * values.get(3 + k);
            }
        }
    }
}
