// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs, Loss} from "./Program.sol";
import {Vectors} from "./Vectors.sol";

/// Bounds on every intermediate integer (section 1), which make saturation defined; they fix the number of limbs.
library Bounds {
    using Vectors for uint256[];
    using Programs for Program;

    /// Checks the bounds; sets ng, nr and the top limb's width.
    function check(Program memory p) internal pure {
        unchecked {
            uint256 maxA = 1 << (p.bits - 1);
            uint256 product = 0; // largest Z_i or E_i
            for (uint256 i = 1; i <= p.layers; ++i) {
                (uint256 below, uint256 here) = (p.dims.get(i - 1), p.dims.get(i));
                // isqrt(6 4^F / (d_{i-1} + d_i)) < 2^wb
                Programs.need(6 << (2 * p.weightBits) < (below + here) << (2 * p.boundBits), "bound_bits");
                uint256 maxD = maxDelta(p, i);
                uint256 maxW = (p.largestDecay << p.boundBits) + p.gain * p.batch * maxA * maxD;
                Programs.need(maxW < 1 << 62, "kernel");
                uint256 z = (below * maxA + (1 << p.activationBits)) * maxW;
                if (z > product) product = z;
                uint256 e = i > 1 ? here * maxD * maxW : 0;
                if (e > product) product = e;
            }
            Programs.need(product < 1 << 100, "kernel");
            p.excessLimbs = _excessLimbs(p, _excess(p, product));
            p.remainderLimbs = (p.scaleBits + p.limbBits - 1) / p.limbBits;
            p.topWidth = p.scaleBits - p.limbBits * (p.remainderLimbs - 1);
        }
    }

    /// maxD_i: largest absolute delta of layer i.
    function maxDelta(Program memory p, uint256 i) internal pure returns (uint256) {
        unchecked {
            uint256 maxA = 1 << (p.bits - 1);
            if (i < p.layers || p.weighted()) return maxA;
            if (p.loss == Loss.HUBER) return p.huber;
            return p.classifies() ? 1 << p.deltaBits : _difference(p);
        }
    }

    /// Largest absolute value of a prediction at scale 2^fd less a target, both signed l-bit integers.
    function _difference(Program memory p) private pure returns (uint256) {
        unchecked {
            return (1 << (p.bits - 1 + p.deltaBits - p.activationBits)) + (1 << (p.bits - 1));
        }
    }

    /// X: largest quotient, or distance to saturation.
    function _excess(Program memory p, uint256 product) private pure returns (uint256 x) {
        unchecked {
            x = (product >> p.scaleBits) + 2;
            for (uint256 i = 1; i < p.layers; ++i) {
                if (p.smooth(i)) x = _max(x, (1 << (p.bits + 1)) + 2);
            }
            if (p.weighted()) x = _max(x, ((_largestWeight(p) << (p.deltaBits + 1)) >> 8) + 2);
            if (p.loss == Loss.HUBER) x = _max(x, _difference(p) + 2);
            Programs.need(x < 1 << 62, "bound_bits");
        }
    }

    function _largestWeight(Program memory p) private pure returns (uint256 largest) {
        unchecked {
            uint256 width = p.oneHot ? 1 : 2;
            for (uint256 i = 0; i < p.weights.length; i += width) {
                largest = _max(largest, p.weights.get(i) + (p.oneHot ? 0 : p.weights.get(i + 1)));
            }
        }
    }

    /// ng
    function _excessLimbs(Program memory p, uint256 excess) private pure returns (uint256 n) {
        unchecked {
            uint256 least = 0; // bits that the limbs must have for softmax
            if (p.loss == Loss.SOFTMAX) {
                least = p.bits + 2;
                while (1 << (least - p.bits - 2) < p.outputs()) ++least;
                Programs.need(least <= p.scaleBits, "weight_bits");
            }
            n = 1;
            while (excess >> (p.limbBits * n) != 0 || p.limbBits * n < least) ++n;
            Programs.need(n <= 4, "limb_bits");
        }
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
