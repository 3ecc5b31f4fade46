// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, R, ONE} from "./Scalar.sol";

/// Multilinear helpers (section 0), each on the n variables of a point from position `pos` on. Points list the most significant
/// variable first. All take O(n); recurrences run from the least significant variable to the most significant one.
///
/// The loops are assembly without bounds checks: the callers' positions and lengths come from the layout alone.
library Multilinear {
    /// prod_i (p_i q_i + (1-p_i)(1-q_i)), two variables at a time
    function eq(Scalar[] memory p, uint256 atP, Scalar[] memory q, uint256 atQ, uint256 n) internal pure returns (Scalar acc) {
        assembly ("memory-safe") {
            // a factor is q (2p - 1) + 1 - p
            let a := add(p, shl(5, atP))
            let b := add(q, shl(5, atQ))
            let k := shl(5, n)
            acc := 1
            if and(n, 1) {
                let x := mload(add(a, k))
                acc := mod(add(mulmod(mload(add(b, k)), add(add(x, x), sub(R, 1)), R), sub(add(R, 1), x)), R)
                k := sub(k, 32)
            }
            for {} k { k := sub(k, 64) } {
                let x := mload(add(a, k))
                acc := mulmod(acc, add(mulmod(mload(add(b, k)), add(add(x, x), sub(R, 1)), R), sub(add(R, 1), x)), R)
                x := mload(add(a, sub(k, 32)))
                acc := mulmod(acc, add(mulmod(mload(add(b, sub(k, 32))), add(add(x, x), sub(R, 1)), R), sub(add(R, 1), x)), R)
            }
        }
    }

    /// eq(bits(value, n), p), two variables at a time
    function eqBits(uint256 value, Scalar[] memory p, uint256 pos, uint256 n) internal pure returns (Scalar acc) {
        if (value == 0) return zeros(p, pos, n);
        assembly ("memory-safe") {
            // a factor is 1 - x, or x
            let a := add(p, shl(5, pos))
            let k := shl(5, n)
            acc := 1
            if and(n, 1) {
                let x := mload(add(a, k))
                acc := mod(add(sub(add(R, 1), x), mul(and(value, 1), sub(add(x, x), add(R, 1)))), R)
                value := shr(1, value)
                k := sub(k, 32)
            }
            for {} k { k := sub(k, 64) } {
                let x := mload(add(a, k))
                acc := mulmod(acc, add(sub(add(R, 1), x), mul(and(value, 1), sub(add(x, x), add(R, 1)))), R)
                x := mload(add(a, sub(k, 32)))
                acc := mulmod(acc, add(sub(add(R, 1), x), mul(and(shr(1, value), 1), sub(add(x, x), add(R, 1)))), R)
                value := shr(2, value)
            }
        }
    }

    /// prod_i (1-p_i): eq(0^n, p)
    function zeros(Scalar[] memory p, uint256 pos, uint256 n) internal pure returns (Scalar acc) {
        assembly ("memory-safe") {
            let a := add(p, shl(5, pos))
            acc := 1
            for { let k := shl(5, n) } k { k := sub(k, 32) } { acc := mulmod(acc, sub(add(R, 1), mload(add(a, k))), R) }
        }
    }

    /// sum_{i<d} eqbits(i, p)
    function mlt(Scalar[] memory p, uint256 pos, uint256 n, uint256 d) internal pure returns (Scalar acc) {
        if (d >> n != 0) return ONE;
        assembly ("memory-safe") {
            let r := R
            let rPlus1 := add(r, 1)
            let a := add(p, shl(5, pos))
            for { let k := shl(5, n) } k { k := sub(k, 32) } {
                let x := mload(add(a, k))
                // d's bit is 0: the variable must be 0; it is 1: a 0 here is smaller whatever follows
                switch and(d, 1)
                case 0 { acc := mulmod(acc, sub(rPlus1, x), r) }
                default { acc := addmod(mulmod(acc, x, r), sub(rPlus1, x), r) }
                d := shr(1, d)
            }
        }
    }

    /// sum_{i<d} eqbits(i, p) eqbits(i, q)
    function meq(Scalar[] memory p, uint256 atP, Scalar[] memory q, uint256 atQ, uint256 n, uint256 d)
        internal
        pure
        returns (Scalar acc)
    {
        if (d >> n != 0) return eq(p, atP, q, atQ, n);
        assembly ("memory-safe") {
            let r := R
            let rPlus1 := add(r, 1)
            let a := add(p, shl(5, atP))
            let b := add(q, shl(5, atQ))
            let all := 1 // eq of the variables behind this one
            for { let k := shl(5, n) } k { k := sub(k, 32) } {
                let x := mload(add(a, k))
                let y := mload(add(b, k))
                let one := mulmod(x, y, r)
                let zero := mulmod(sub(rPlus1, x), sub(rPlus1, y), r)
                switch and(d, 1)
                case 0 { acc := mulmod(acc, zero, r) }
                default { acc := addmod(mulmod(acc, one, r), mulmod(all, zero, r), r) }
                all := mulmod(all, add(one, zero), r)
                d := shr(1, d)
            }
        }
    }

    /// Multilinear extension of [s < t], s and t the first n variables of their points.
    function lt(Scalar[] memory s, Scalar[] memory t, uint256 n) internal pure returns (Scalar acc) {
        assembly ("memory-safe") {
            let r := R
            for { let k := shl(5, n) } k { k := sub(k, 32) } {
                let x := mload(add(s, k))
                let y := mload(add(t, k))
                let xy := mulmod(x, y, r)
                let same := add(add(add(xy, xy), 1), sub(add(r, r), add(x, y)))
                // (1 - x) y + eq(x, y) acc
                acc := addmod(add(y, sub(r, xy)), mulmod(same, acc, r), r)
            }
        }
    }

    /// [eqbits(0, p), .., eqbits(2^n - 1, p)], p: n variables from position `pos` on
    function eqTable(Scalar[] memory p, uint256 pos, uint256 n) internal pure returns (Scalar[] memory out) {
        out = new Scalar[](1 << n);
        assembly ("memory-safe") {
            let r := R
            let data := add(out, 32)
            mstore(data, 1)
            let a := add(p, shl(5, add(pos, 1)))
            let size := 1
            for { let k := 0 } lt(k, n) { k := add(k, 1) } {
                let x := mload(add(a, shl(5, k)))
                for { let i := size } i { i := sub(i, 1) } {
                    let value := mload(add(data, shl(5, sub(i, 1))))
                    let one := mulmod(value, x, r)
                    let target := add(data, shl(6, sub(i, 1)))
                    mstore(target, addmod(value, sub(r, one), r))
                    mstore(add(target, 32), one)
                }
                size := add(size, size)
            }
        }
    }

    /// The integer that n variables spell.
    function index(Scalar[] memory p, uint256 pos, uint256 n) internal pure returns (Scalar acc) {
        assembly ("memory-safe") {
            let r := R
            let a := add(p, shl(5, add(pos, 1)))
            let end := shl(5, n)
            for { let k := 0 } lt(k, end) { k := add(k, 32) } { acc := addmod(add(acc, acc), mload(add(a, k)), r) }
        }
    }

    /// prod_i (1 - p_i + p_i base^(2^i)), i = 0 the least significant: the extension of base^x over all variables of p.
    /// Returns base^(2^n) too.
    function powersAt(Scalar[] memory p, Scalar base) internal pure returns (Scalar acc, Scalar last) {
        assembly ("memory-safe") {
            let r := R
            let rPlus1 := add(r, 1)
            acc := 1
            for { let k := shl(5, mload(p)) } k { k := sub(k, 32) } {
                let x := mload(add(p, k))
                acc := mulmod(acc, add(sub(rPlus1, x), mulmod(x, base, r)), r)
                base := mulmod(base, base, r)
            }
            last := base
        }
    }
}
