// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Layout, Layouts} from "./Layout.sol";
import {CloseLayout, CloseLayouts} from "./CloseLayout.sol";
import {CloseProof} from "./Close.sol";
import {Circuit, Fractions, Integrand} from "./Circuit.sol";
import {PublicFunctions} from "./Publics.sol";
import {Multilinear} from "./Multilinear.sol";
import {Scalar, Scalars, ZERO, ONE} from "./Scalar.sol";
import {Vectors} from "./Vectors.sol";

/// The numbers that limbs spell at r2, and the public ones.
struct Division {
    Scalar remainder; // R
    Scalar complement; // C
    Scalar below; // U
    Scalar excess; // G
    Scalar scale; // m
    Scalar half; // selR h
    Scalar top; // selR (m - 1)
    Scalar most;
    Scalar bound; // selR most
}

/// The integrand of S2 of a close at r2 (section 4a).
library CloseCircuit {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Layouts for Layout;

    function integrand(CloseProof memory proof) internal pure returns (Scalar) {
        unchecked {
            CloseLayout memory own = proof.own;
            // where vectors are
            Scalar selR = Multilinear.mlt(proof.r2, 0, proof.lay.wv, proof.lay.nW);
            Integrand memory f = Circuit.helpers(_fractions(proof, selR), proof.values2, own.mu + 1, proof.lookup.chi);
            _constraints(proof, _division(proof, selR), f);
            return f.total * Multilinear.eq(proof.tau, 0, proof.r2, 0, own.c) + f.sumHelpers;
        }
    }

    /// Units x + gamma lc, then the lane: the range of lc bits in the first rows of the first vector.
    function _fractions(CloseProof memory proof, Scalar selR) private pure returns (Fractions memory f) {
        unchecked {
            CloseLayout memory own = proof.own;
            uint256 bits = own.limbBits;
            f = Circuit.start(own.helpers);
            _limbs(proof, f, selR, proof.lookup.alpha + proof.lookup.gamma * Scalars.from(bits));
            Scalar index = Multilinear.index(proof.r2, own.c - bits, bits);
            (Scalar selT, Scalar t) = PublicFunctions.segmentAt(bits, bits, 0, index, proof.lookup.gamma, proof.r2);
            Circuit.include(f, own.helpers - 1, -(selT * proof.values2.get(own.mu)), proof.lookup.alpha + t);
        }
    }

    /// Sets selR sum_k 1 / (shift + x_k) over the limbs x_k of each helper.
    function _limbs(CloseProof memory proof, Fractions memory f, Scalar selR, Scalar shift) private pure {
        unchecked {
            Scalar[] memory values = proof.values2;
            uint256 mu = proof.own.mu;
            uint256 pos = CloseLayouts.LIMBS;
            for (uint256 g = 0; pos < mu; ++g) {
                uint256 end = pos + proof.program.group;
                if (end > mu) end = mu;
                Scalar sum = ZERO;
                Scalar product = ONE;
                for (; pos < end; ++pos) {
                    Scalar x = shift + values.get(pos);
                    sum = sum * x + product;
                    product = product * x;
                }
                f.numerator.set(g, selR * sum);
                f.denominator.set(g, product);
            }
        }
    }

    function _division(CloseProof memory proof, Scalar selR) private pure returns (Division memory d) {
        unchecked {
            CloseLayout memory own = proof.own;
            uint256 pos = CloseLayouts.LIMBS;
            d.remainder = _number(proof, pos, own.remainderLimbs);
            pos += own.remainderLimbs;
            d.complement = _number(proof, pos, own.remainderLimbs);
            pos += own.remainderLimbs;
            d.below = _number(proof, pos, own.boundLimbs);
            d.excess = _number(proof, pos + own.boundLimbs, own.excessLimbs);
            uint256 m = proof.statement.count << own.extraBits;
            d.scale = Scalars.from(m);
            d.half = selR * Scalars.from(m / 2);
            d.top = selR * Scalars.from(m - 1);
            d.most = Scalars.powerOfTwo(proof.program.boundBits) - ONE;
            d.bound = selR * d.most;
        }
    }

    /// The number of n limbs from position `pos` on, least significant first.
    function _number(CloseProof memory proof, uint256 pos, uint256 n) private pure returns (Scalar acc) {
        unchecked {
            Scalar base = Scalars.powerOfTwo(proof.own.limbBits);
            for (uint256 k = pos + n; k > pos; --k) {
                acc = acc * base + proof.values2.get(k - 1);
            }
        }
    }

    /// K_1 .. K_7
    function _constraints(CloseProof memory proof, Division memory d, Integrand memory f) private pure {
        Scalar next = proof.values2.get(1);
        Scalar sign = proof.values2.get(2);
        Scalar squared = sign * sign;
        Circuit.constrain(f, squared * sign - sign);
        Scalar quotient = next + sign * (ONE + d.excess);
        Circuit.constrain(f, proof.values2.get(0) + d.half - quotient * d.scale - d.remainder);
        Circuit.constrain(f, d.top - d.remainder - d.complement);
        Circuit.constrain(f, d.bound - next - d.below);
        Circuit.constrain(f, (ONE - squared) * (d.excess - next - d.bound));
        Circuit.constrain(f, sign * (next - sign * d.most));
        Circuit.constrain(f, (ONE - _inLayers(proof)) * next);
    }

    /// selIn: cells that are weights of some layer.
    function _inLayers(CloseProof memory proof) private pure returns (Scalar total) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256[] memory dims = proof.program.dims;
            for (uint256 i = 1; i <= proof.program.layers; ++i) {
                uint256 units = proof.own.c - lay.J.get(i);
                uint256 inputs = units - lay.I.get(i);
                Scalar here = Multilinear.eqBits(lay.weights.get(i) >> lay.weightBits(i), proof.r2, 0, inputs);
                here = here * Multilinear.mlt(proof.r2, inputs, lay.I.get(i), dims.get(i - 1) + 1);
                total = total + here * Multilinear.mlt(proof.r2, units, lay.J.get(i), dims.get(i));
            }
        }
    }
}
