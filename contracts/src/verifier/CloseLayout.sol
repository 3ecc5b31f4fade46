// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Lookups} from "./Lookups.sol";

/// What a round close adds (section 4a): limbs of one width and one lane, all units of size 1, so that first fit fills helper after
/// helper. Values of S2: S, W', sg, limbs r, c, w, g, then mu and helpers.
struct CloseLayout {
    uint256 c; // variables: wv + n
    uint256 extraBits; // fc
    uint256 limbBits; // lc
    uint256 remainderLimbs; // nr
    uint256 boundLimbs; // nw
    uint256 excessLimbs; // ng
    uint256 mu; // position of mu among the values, behind the last limb
    uint256 helpers; // G
    uint256 helperPoints; // their vectors
    uint256[] degrees2;
    uint256 maskLength; // M
    uint256 bodyLength;
}

library CloseLayouts {
    uint256 internal constant COUNT_BITS = 16;
    uint256 private constant QUOTIENT_BITS = 62;
    uint256 private constant MAX_LIMB_BITS = 16;
    /// Random cells of the mask vector before its first coefficient, and behind its last.
    uint256 internal constant MASK_START = 3;
    /// Position of the first limb.
    uint256 internal constant LIMBS = 3;

    function compute(Program memory p, Layout memory lay) internal pure returns (CloseLayout memory own) {
        unchecked {
            uint256 n = lay.n;
            own.c = lay.wv + n;
            own.extraBits = p.scaleBits - p.weightBits;
            own.limbBits = n < MAX_LIMB_BITS ? n : MAX_LIMB_BITS;
            own.remainderLimbs = _limbs(own, COUNT_BITS + own.extraBits);
            own.boundLimbs = _limbs(own, p.boundBits + 1);
            own.excessLimbs = _limbs(own, QUOTIENT_BITS);
            uint256 limbs = 2 * own.remainderLimbs + own.boundLimbs + own.excessLimbs;
            own.mu = LIMBS + limbs;
            own.helpers = (limbs + p.group) / p.group;
            // the lane alone in a helper needs the first vector only
            own.helperPoints = limbs % p.group == 0 ? (own.helpers - 1) * lay.nW + 1 : own.helpers * lay.nW;
            _masks(own, lay, limbs, p.group);
            Programs.need(own.maskLength + 8 <= 1 << n, "vector_bits");
            // points: columns, mu, m, helpers, S', h, w; scalars: v_zeta, folds, values, e1
            uint256 points = (1 + limbs) * lay.nW + 2 + own.helperPoints + 3;
            own.bodyLength = 64 * points + 32 * (own.maskLength - 2 * MASK_START + 2);
        }
    }

    function _masks(CloseLayout memory own, Layout memory lay, uint256 limbs, uint256 group) private pure {
        unchecked {
            uint256 degree = _max(4, 2 + (limbs < group ? limbs + 1 : group));
            // a full helper of limbs, or all limbs and the lane in one
            uint256 last = _max(7, limbs < group ? 4 + 2 * limbs : 3 + 2 * group);
            own.degrees2 = Lookups.constantDegrees(own.c, degree, last);
            uint256 folds = degree * (own.c - 1) + last + 2 * lay.n;
            own.maskLength = 2 * MASK_START + folds + own.mu + 1 + own.helpers;
        }
    }

    /// Limbs of a number of so many bits.
    function _limbs(CloseLayout memory own, uint256 bits) private pure returns (uint256) {
        unchecked {
            return (bits + own.limbBits - 1) / own.limbBits;
        }
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
