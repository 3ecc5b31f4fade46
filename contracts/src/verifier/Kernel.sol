// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program} from "./Program.sol";
import {Scalar, Scalars, R, ONE} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Vectors} from "./Vectors.sol";

/// The linear optimiser `W_t = c_t W_0 - sum_{u<t} kappa_{t-u} G_u` at points of the steps (sections 1 and 3): kappa_d = 0 for d > T,
/// c_t = c_T for t > T. All take O(T) for an explicit kernel.
library Kernels {
    using Vectors for Scalar[];

    /// C = sum_t c_t eq(a, t), a: the first n variables of its point.
    function decay(Program memory p, Scalar[] memory a, uint256 n) internal pure returns (Scalar) {
        if (p.decays.length == 0) return ONE;
        // T <= 2^n; the steps from T on share c_T
        Scalar rest = lastDecay(p) * (ONE - Multilinear.mlt(a, 0, n, p.steps));
        return rest + _dot(Multilinear.eqTable(a, 0, n), 0, p.decays, p.steps, false);
    }

    /// C_T
    function lastDecay(Program memory p) internal pure returns (Scalar) {
        return p.decays.length == 0 ? ONE : p.decays.get(p.steps);
    }

    /// sum_{t>u} eq(a, t) eq(b, u) kappa_{t-u}
    function step(Program memory p, Scalar[] memory a, Scalar[] memory b, uint256 n) internal pure returns (Scalar) {
        if (p.taps.length == 0) return Scalars.from(p.rate) * Multilinear.lt(b, a, n);
        // the difference T = 2^n has the zero behind the others
        return _dot(differences(a, b, n), 1, p.taps, p.steps, false);
    }

    /// sum_{u<T} eq(b, u) kappa_{T-u}; k for the plain kernel
    function output(Program memory p, Scalar[] memory b, uint256 n) internal pure returns (Scalar) {
        if (p.taps.length == 0) return Scalars.from(p.rate);
        return _dot(Multilinear.eqTable(b, 0, n), 0, p.taps, p.steps, true);
    }

    /// sum_{k<n} weights[first + k] values[k], or values[n - 1 - k]
    function _dot(Scalar[] memory weights, uint256 first, Scalar[] memory values, uint256 n, bool reversed)
        private
        pure
        returns (Scalar sum)
    {
        assembly ("memory-safe") {
            let r := R
            let a := add(weights, shl(5, add(first, 1)))
            let b := add(values, 32)
            let last := 0
            if reversed { last := shl(5, sub(n, 1)) }
            for { let k := 0 } lt(k, shl(5, n)) { k := add(k, 32) } {
                // position k from the front, or from the end
                let j := k
                if reversed { j := sub(last, k) }
                sum := addmod(sum, mulmod(mload(add(a, k)), mload(add(b, j)), r), r)
            }
        }
    }

    /// By d in 0..2^n-1: sum_{t-u=d} eq(a, t) eq(b, u), over the first n variables; then a zero. From the most significant bits on,
    /// w[d] is that of the prefixes: bits t, u turn d into 2d + t - u; a negative difference stays negative.
    function differences(Scalar[] memory a, Scalar[] memory b, uint256 n) internal pure returns (Scalar[] memory w) {
        w = new Scalar[]((1 << n) + 1);
        w.set(0, ONE);
        for (uint256 k = 0; k < n; ++k) {
            _double(w, 1 << k, a.get(k), b.get(k));
        }
    }

    /// One more bit, in place: w has `size` differences and a zero behind them. Going down, no entry is written before it was read.
    function _double(Scalar[] memory w, uint256 size, Scalar x, Scalar y) private pure {
        assembly ("memory-safe") {
            let r := R
            let both := mulmod(x, y, r)
            let up := add(x, sub(r, both)) // t's bit is 1, u's is 0
            let down := add(y, sub(r, both))
            let same := sub(add(add(r, r), add(add(both, both), 1)), add(x, y))
            let data := add(w, 32)
            let above := 0
            for { let d := size } d { d := sub(d, 1) } {
                let here := mload(add(data, shl(5, sub(d, 1))))
                let target := add(data, shl(6, sub(d, 1)))
                mstore(target, mulmod(here, same, r))
                mstore(add(target, 32), addmod(mulmod(here, up, r), mulmod(above, down, r), r))
                above := here
            }
        }
    }
}
