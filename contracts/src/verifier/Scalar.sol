// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PrecompileFailed} from "./Errors.sol";

/// An element of F, the scalar field of BN254 (section 0). Every value of this type is below r: it was decoded strictly, drawn
/// from 253 bits, or computed by the functions below.
type Scalar is uint256;

using {add as +, subtract as -, multiply as *, negate as -, equal as ==} for Scalar global;

// r, the order of the group and of F.
uint256 constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

Scalar constant ZERO = Scalar.wrap(0);
Scalar constant ONE = Scalar.wrap(1);
// 1/2
Scalar constant HALF = Scalar.wrap(10944121435919637611123202872628637544274182200208017171849102093287904247809);

function add(Scalar a, Scalar b) pure returns (Scalar c) {
    assembly ("memory-safe") {
        c := addmod(a, b, R)
    }
}

function subtract(Scalar a, Scalar b) pure returns (Scalar c) {
    assembly ("memory-safe") {
        c := addmod(a, sub(R, b), R)
    }
}

function multiply(Scalar a, Scalar b) pure returns (Scalar c) {
    assembly ("memory-safe") {
        c := mulmod(a, b, R)
    }
}

function negate(Scalar a) pure returns (Scalar c) {
    assembly ("memory-safe") {
        c := mod(sub(R, a), R)
    }
}

function equal(Scalar a, Scalar b) pure returns (bool) {
    return Scalar.unwrap(a) == Scalar.unwrap(b);
}

library Scalars {
    /// A small integer; it must be below r.
    function from(uint256 value) internal pure returns (Scalar) {
        return Scalar.wrap(value);
    }

    /// 2^n for n below 253.
    function powerOfTwo(uint256 n) internal pure returns (Scalar) {
        return Scalar.wrap(1 << n);
    }

    /// 2^-n for n up to 28: r - 1 is divisible by 2^28.
    function halved(uint256 n) internal pure returns (Scalar value) {
        assembly ("memory-safe") {
            value := sub(R, shr(n, sub(R, 1)))
        }
    }

    /// sum_{k<n} (x base)^k and x^n: by sums over 2^i powers and over those that the bits of n below i count.
    function geometric(Scalar x, Scalar base, uint256 n) internal pure returns (Scalar sum, Scalar power) {
        assembly ("memory-safe") {
            let t := mulmod(x, base, R)
            let next := 1 // t^(powers in sum)
            let block_ := 1
            power := 1
            for {} 1 {} {
                if and(n, 1) {
                    sum := addmod(sum, mulmod(next, block_, R), R)
                    next := mulmod(next, t, R)
                    power := mulmod(power, x, R)
                }
                n := shr(1, n)
                if iszero(n) { break }
                block_ := mulmod(block_, add(t, 1), R)
                t := mulmod(t, t, R)
                x := mulmod(x, x, R)
            }
        }
    }

    function pow(Scalar base, uint256 exponent) internal pure returns (Scalar result) {
        assembly ("memory-safe") {
            let r := R
            result := 1
            for {} exponent {} {
                if and(exponent, 1) { result := mulmod(result, base, r) }
                base := mulmod(base, base, r)
                exponent := shr(1, exponent)
            }
        }
    }

    /// [1, base, base^2, ..], at least n of them, four at a time.
    function powers(Scalar base, uint256 n) internal pure returns (Scalar[] memory out) {
        out = new Scalar[]((n + 3) & ~uint256(3));
        assembly ("memory-safe") {
            let square := mulmod(base, base, R)
            let cube := mulmod(square, base, R)
            let fourth := mulmod(square, square, R)
            let power := 1
            let end := add(shl(5, n), 32)
            for { let k := 32 } lt(k, end) { k := add(k, 128) } {
                let entry := add(out, k)
                mstore(entry, power)
                mstore(add(entry, 32), mulmod(power, base, R))
                mstore(add(entry, 64), mulmod(power, square, R))
                mstore(add(entry, 96), mulmod(power, cube, R))
                power := mulmod(power, fourth, R)
            }
        }
    }

    /// 1/a for a other than zero, by the precompiled contract modexp.
    function inverse(Scalar a) internal view returns (Scalar result) {
        bool ok;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, 32)
            mstore(add(input, 32), 32)
            mstore(add(input, 64), 32)
            mstore(add(input, 96), a)
            mstore(add(input, 128), sub(R, 2))
            mstore(add(input, 160), R)
            ok := staticcall(gas(), 5, input, 192, 0, 32)
            ok := and(ok, eq(returndatasize(), 32))
            result := mload(0)
        }
        if (!ok || !(result * a == ONE)) revert PrecompileFailed();
    }
}
