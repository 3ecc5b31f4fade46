// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, Scalars, R} from "./Scalar.sol";

/// A polynomial at two places, from its highest coefficients down: each function puts lower ones below those there are.
struct MaskSum {
    Scalar x;
    Scalar y;
    Scalar atX;
    Scalar atY;
    uint256[] known; // by degree d four entries: x^d, y^d, -1/2 sum_{e<d} x^e, -1/2 sum_{e<d} y^e
}

/// The functional l' of m as a polynomial (section 3, Opening). Its coefficients are powers but for factors, so that sums of them are
/// products: no coefficient is computed.
library MaskSums {
    /// Nothing yet. degrees: of the sumcheck whose last fold has the largest degree of all.
    function start(Scalar x, Scalar y, uint256[] memory degrees) internal pure returns (MaskSum memory s) {
        (s.x, s.y) = (x, y);
        s.known = _known(x, y, degrees[degrees.length - 1]);
    }

    function _known(Scalar x, Scalar y, uint256 largest) private pure returns (uint256[] memory known) {
        known = new uint256[](4 * largest + 4);
        assembly ("memory-safe") {
            let power := 1
            let powerY := 1
            let sum := 0
            let sumY := 0
            let half := shr(1, sub(R, 1)) // -1/2
            let end := shl(7, add(largest, 1))
            for { let k := 0 } lt(k, end) { k := add(k, 128) } {
                let entry := add(add(known, 32), k)
                mstore(entry, power)
                mstore(add(entry, 32), powerY)
                mstore(add(entry, 64), mulmod(half, sum, R))
                mstore(add(entry, 96), mulmod(half, sumY, R))
                sum := addmod(sum, power, R)
                sumY := addmod(sumY, powerY, R)
                power := mulmod(power, x, R)
                powerY := mulmod(powerY, y, R)
            }
        }
    }

    /// Coefficients factor base^k for k < n.
    function powers(MaskSum memory s, Scalar factor, Scalar base, uint256 n) internal pure {
        s.atX = _powers(s.x, s.atX, factor, base, n);
        s.atY = _powers(s.y, s.atY, factor, base, n);
    }

    function _powers(Scalar x, Scalar above, Scalar factor, Scalar base, uint256 n) private pure returns (Scalar) {
        (Scalar sum, Scalar power) = Scalars.geometric(x, base, n);
        return above * power + factor * sum;
    }

    /// 2n coefficients in turns: factor base^k and otherFactor other^k for k < n.
    function alternating(MaskSum memory s, Scalar factor, Scalar base, Scalar otherFactor, Scalar other, uint256 n) internal pure {
        s.atX = _alternating(s.x, s.atX, factor, base, otherFactor, other, n);
        s.atY = _alternating(s.y, s.atY, factor, base, otherFactor, other, n);
    }

    function _alternating(Scalar x, Scalar above, Scalar factor, Scalar base, Scalar otherFactor, Scalar other, uint256 n)
        private
        pure
        returns (Scalar)
    {
        (Scalar sum, Scalar power) = Scalars.geometric(x * x, base, n);
        (Scalar otherSum,) = Scalars.geometric(x * x, other, n);
        return above * power + factor * sum + x * otherFactor * otherSum;
    }

    /// n coefficients that are zero.
    function zeros(MaskSum memory s, uint256 n) internal pure {
        s.atX = s.atX * Scalars.pow(s.x, n);
        s.atY = s.atY * Scalars.pow(s.y, n);
    }

    /// factor (g(r) - 2^-n sigma): for each variable r its degrees[i] coefficients factor (r^e - 1/2), e from 1 on. At x they are
    /// factor (r sum_{e<degree} (r x)^e - 1/2 sum_{e<degree} x^e).
    function closing(MaskSum memory s, uint256[] memory degrees, Scalar[] memory point, Scalar factor) internal pure {
        assembly ("memory-safe") {
            let atX := mload(add(s, 64))
            let atY := mload(add(s, 96))
            for { let k := shl(5, mload(point)) } k { k := sub(k, 32) } {
                let c := mload(add(point, k))
                let d := mload(add(degrees, k))
                if eq(d, 2) {
                    // the two coefficients themselves; (R - 1) / 2 is -1/2
                    let second := mulmod(factor, add(mulmod(c, c, R), shr(1, sub(R, 1))), R)
                    c := mulmod(factor, add(c, shr(1, sub(R, 1))), R)
                    atX := add(mulmod(add(mulmod(atX, mload(s), R), second), mload(s), R), c)
                    atY := add(mulmod(add(mulmod(atY, mload(add(s, 32)), R), second), mload(add(s, 32)), R), c)
                    continue
                }
                // r x, r y and the sums of their powers
                let t := mulmod(c, mload(s), R)
                let u := mulmod(c, mload(add(s, 32)), R)
                let sum := add(t, 1)
                let sumY := add(u, 1)
                switch d
                case 5 {
                    t := mulmod(t, t, R)
                    u := mulmod(u, u, R)
                    sum := add(mulmod(sum, add(t, 1), R), mulmod(t, t, R))
                    sumY := add(mulmod(sumY, add(u, 1), R), mulmod(u, u, R))
                }
                default {
                    for { let e := 2 } lt(e, d) { e := add(e, 1) } {
                        sum := add(mulmod(t, sum, R), 1)
                        sumY := add(mulmod(u, sumY, R), 1)
                    }
                }
                let known := add(add(mload(add(s, 128)), 32), shl(7, d))
                sum := mulmod(factor, add(mulmod(c, sum, R), mload(add(known, 64))), R)
                atX := add(mulmod(atX, mload(known), R), sum)
                sum := mulmod(factor, add(mulmod(c, sumY, R), mload(add(known, 96))), R)
                atY := add(mulmod(atY, mload(add(known, 32)), R), sum)
            }
            mstore(add(s, 64), mod(atX, R))
            mstore(add(s, 96), mod(atY, R))
        }
    }
}
