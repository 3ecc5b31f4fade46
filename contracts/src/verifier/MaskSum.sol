// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, Scalars, R, HALF} from "./Scalar.sol";

/// A polynomial at two places, from its highest coefficients down: each function puts lower ones below those there are.
struct MaskSum {
    Scalar x;
    Scalar y;
    Scalar atX;
    Scalar atY;
}

/// The functional l' of m as a polynomial (section 3, Opening). Its coefficients are powers but for factors, so that sums of them are
/// products: no coefficient is computed.
library MaskSums {
    /// Coefficients factor base^k for k < n.
    function powers(MaskSum memory s, Scalar factor, Scalar base, uint256 n) internal pure {
        s.atX = s.atX * Scalars.pow(s.x, n) + factor * Scalars.geometric(s.x * base, n);
        s.atY = s.atY * Scalars.pow(s.y, n) + factor * Scalars.geometric(s.y * base, n);
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
        Scalar square = x * x;
        return above * Scalars.pow(square, n) + factor * Scalars.geometric(square * base, n)
            + x * otherFactor * Scalars.geometric(square * other, n);
    }

    /// n coefficients that are zero.
    function zeros(MaskSum memory s, uint256 n) internal pure {
        s.atX = s.atX * Scalars.pow(s.x, n);
        s.atY = s.atY * Scalars.pow(s.y, n);
    }

    /// factor (g(r) - 2^-n sigma): for each variable r its degrees[i] coefficients factor (r^e - 1/2), e from 1 on; `length` in all.
    function closing(MaskSum memory s, uint256[] memory degrees, uint256 length, Scalar[] memory point, Scalar factor)
        internal
        pure
    {
        Scalar half = factor * HALF;
        s.atX = _closing(s.x, s.atX, degrees, point, factor) - half * Scalars.geometric(s.x, length);
        s.atY = _closing(s.y, s.atY, degrees, point, factor) - half * Scalars.geometric(s.y, length);
    }

    /// above x^length + sum over variables of x^position factor r sum_{e<degree} (r x)^e
    function _closing(Scalar x, Scalar above, uint256[] memory degrees, Scalar[] memory point, Scalar factor)
        private
        pure
        returns (Scalar value)
    {
        assembly ("memory-safe") {
            value := above
            let square := mulmod(x, x, R)
            let degree := 2
            let power := square // x^degree
            for { let k := shl(5, mload(point)) } k { k := sub(k, 32) } {
                let c := mload(add(point, k))
                let sum := mulmod(c, x, R)
                let d := mload(add(degrees, k))
                switch d
                case 2 {
                    sum := add(sum, 1)
                    value := addmod(mulmod(value, square, R), mulmod(mulmod(factor, c, R), sum, R), R)
                }
                default {
                    if iszero(eq(d, degree)) {
                        degree := d
                        power := x
                        for { let e := 1 } lt(e, d) { e := add(e, 1) } { power := mulmod(power, x, R) }
                    }
                    // from the middle on two steps at a time
                    let t := sum
                    sum := 1
                    if iszero(and(d, 1)) { sum := add(t, 1) }
                    for { let e := shr(1, sub(d, 1)) } e { e := sub(e, 1) } {
                        sum := add(mulmod(add(mulmod(sum, t, R), 1), t, R), 1)
                    }
                    value := addmod(mulmod(value, power, R), mulmod(mulmod(factor, c, R), sum, R), R)
                }
            }
        }
    }
}
