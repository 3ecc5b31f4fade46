// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, Scalars, R} from "./Scalar.sol";

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
            // for the degree at hand: x^degree, y^degree, -factor/2 sum x^e, -factor/2 sum y^e
            let known := mload(0x40)
            let degree := 0
            for { let k := shl(5, mload(point)) } k { k := sub(k, 32) } {
                let d := mload(add(degrees, k))
                if iszero(eq(d, degree)) {
                    degree := d
                    let half := mulmod(factor, shr(1, sub(R, 1)), R) // -factor/2
                    for { let i := 0 } lt(i, 64) { i := add(i, 32) } {
                        let x := mload(add(s, i))
                        let power := 1
                        let sum := 0
                        for { let e := 0 } lt(e, d) { e := add(e, 1) } {
                            sum := addmod(sum, power, R)
                            power := mulmod(power, x, R)
                        }
                        mstore(add(known, i), power)
                        mstore(add(known, add(i, 64)), mulmod(half, sum, R))
                    }
                }
                let c := mload(add(point, k))
                // r x, r y and the sums of their powers
                let t := mulmod(c, mload(s), R)
                let u := mulmod(c, mload(add(s, 32)), R)
                c := mulmod(factor, c, R)
                let sum := add(t, 1)
                let sumY := add(u, 1)
                switch d
                case 2 {}
                case 3 {
                    sum := add(mulmod(t, sum, R), 1)
                    sumY := add(mulmod(u, sumY, R), 1)
                }
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
                let above := mulmod(mload(add(s, 64)), mload(known), R)
                mstore(add(s, 64), addmod(above, add(mulmod(c, sum, R), mload(add(known, 64))), R))
                above := mulmod(mload(add(s, 96)), mload(add(known, 32)), R)
                mstore(add(s, 96), addmod(above, add(mulmod(c, sumY, R), mload(add(known, 96))), R))
            }
        }
    }
}
