// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Scalar, Scalars, ONE} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Vectors} from "./Vectors.sol";

/// What the schedule's weight (section 3) needs of a block point: the rotated variables y'_{n-1} .. y'_0 and the product over the
/// others.
struct BlockPoint {
    Scalar[] lo;
    Scalar high; // prod_{k>=n} (1 - y'_k)
}

/// `sum_{t<T} E(t) [block = block(t)]` at a block point y.
library Schedule {
    using Vectors for Scalar[];
    using Vectors for uint256[];

    function start(Layout memory lay) internal pure returns (BlockPoint memory y) {
        y.lo = new Scalar[](lay.tb < lay.nb ? lay.tb : lay.nb);
    }

    /// Sets y to the block point: the first nb variables of `point`.
    function rotate(BlockPoint memory y, Layout memory lay, uint256[] memory pi, uint256 beta, Scalar[] memory point)
        internal
        pure
    {
        unchecked {
            uint256 nb = lay.nb;
            uint256 n = y.lo.length;
            y.high = ONE;
            for (uint256 k = 0; k < nb; ++k) {
                Scalar v = point.get(nb - 1 - pi.get(k));
                if ((beta >> pi.get(k)) & 1 == 1) v = ONE - v;
                if (k < n) y.lo.set(n - 1 - k, v);
                else y.high = y.high * (ONE - v);
            }
        }
    }

    /// E(t) = eq(p, t), p: the tb variables of `point` from position `pos` on.
    function weight(Program memory p, Layout memory lay, BlockPoint memory y, Scalar[] memory point, uint256 pos)
        internal
        pure
        returns (Scalar total)
    {
        unchecked {
            uint256 n = y.lo.length;
            uint256 upper = lay.tb - n;
            uint256 e = p.steps >> n;
            uint256 rem = p.steps & ((1 << n) - 1);
            total = Multilinear.mlt(point, pos, upper, e) * Multilinear.eq(point, pos + upper, y.lo, 0, n);
            if (rem != 0) {
                total = total + Multilinear.eqBits(e, point, pos, upper) * Multilinear.meq(point, pos + upper, y.lo, 0, n, rem);
            }
            total = y.high * total;
        }
    }

    /// E(t) = 1
    function weight(Program memory p, BlockPoint memory y) internal pure returns (Scalar) {
        unchecked {
            uint256 n = y.lo.length;
            uint256 rem = p.steps & ((1 << n) - 1);
            return y.high * (Scalars.from(p.steps >> n) + Multilinear.mlt(y.lo, 0, n, rem));
        }
    }
}
