// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, Scalars, R, ZERO, ONE, HALF} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Transcript, Transcripts, Label} from "./Transcript.sol";
import {Curve} from "./Curve.sol";
import {DegenerateChallenge, OpeningFailed} from "./Errors.sol";
import {Vectors} from "./Vectors.sol";

/// The opening's messages and challenges; points are calldata positions.
struct Opening {
    uint256 sPrime;
    Scalar z;
    Scalar e1;
    Scalar nu;
    uint256 quotient;
    Scalar x;
    uint256 opening;
    // computed: 1/z, c_1, c_2, c_3
    Scalar zInverse;
    Scalar c1;
    Scalar c2;
    Scalar c3;
}

/// Linearised opening of `<a, b> + <m, l'> = y'` (section 3), with the degree check A3 (training) or without (registration).
library Openings {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Transcripts for Transcript;
    using Scalars for Scalar;
    using Curve for Curve.Sum;

    /// Steps 7 to 10 and V10. `zeta` counts only with `degree`.
    function read(Transcript memory t, bool degree, Scalar zeta) internal view returns (Opening memory o) {
        o.sPrime = t.readPoints(Label.S_PRIME, 1);
        o.z = t.draw(Label.Z);
        o.e1 = t.readScalar(Label.E1);
        o.nu = t.draw(Label.NU);
        o.quotient = t.readPoints(Label.QUOTIENT, 1);
        o.x = t.draw(Label.X);
        o.opening = t.readPoints(Label.OPENING, 1);
        _inverses(o, degree, zeta);
    }

    /// V10; c_1 = 1/(x - z), c_2 = nu/(x - 1/z) = nu z/(x z - 1), c_3 = nu^2/(x - zeta): one inversion for all.
    function _inverses(Opening memory o, bool degree, Scalar zeta) private view {
        Scalar z = o.z;
        if (z == ZERO || z * z == ONE || (degree && (z == zeta || z * zeta == ONE))) revert DegenerateChallenge("z");
        Scalar a = o.x - z;
        Scalar b = o.x * z - ONE;
        Scalar c = degree ? o.x - zeta : ONE;
        Scalar ab = a * b;
        Scalar cz = c * z;
        Scalar all = ab * cz;
        if (all == ZERO) revert DegenerateChallenge("x");
        all = all.inverse();
        Scalar invertedAb = all * cz;
        Scalar invertedCz = all * ab;
        o.zInverse = invertedCz * c;
        o.c1 = invertedAb * b;
        o.c2 = o.nu * z * (invertedAb * a);
        if (degree) o.c3 = o.nu * o.nu * (invertedCz * z);
    }

    /// Sets factor (g(r) - 2^-n sigma) as a functional of m, that is factor (r_i^e - 1/2) for the coefficient e of variable i: they
    /// follow each other from `pos` on.
    function closing(Scalar[] memory mask, uint256 pos, uint256[] memory degrees, Scalar[] memory point, Scalar factor)
        internal
        pure
    {
        unchecked {
            Scalar half = factor * HALF;
            for (uint256 i = 0; i < degrees.length; ++i) {
                uint256 degree = degrees.get(i);
                _powers(mask, pos, degree, point.get(i), factor, half);
                pos += degree;
            }
        }
    }

    /// mask[pos + e - 1] = factor r^e - half for e = 1..n
    function _powers(Scalar[] memory mask, uint256 pos, uint256 n, Scalar challenge, Scalar factor, Scalar half) private pure {
        assembly ("memory-safe") {
            let r := R
            let minus := sub(r, half)
            let start := add(mask, shl(5, add(pos, 1)))
            let end := shl(5, n)
            for { let k := 0 } lt(k, end) { k := add(k, 32) } {
                factor := mulmod(factor, challenge, r)
                mstore(add(start, k), addmod(factor, minus, r))
            }
        }
    }

    /// Factors c_1 b(1/z) + c_2 b(z) of all rows and c_1 l'(1/z) + c_2 l'(z) of m, b(X) = 2^c prod_i (1 - r_i + r_i X^(2^i)).
    function factors(Opening memory o, Scalar[] memory r3, Scalar[] memory mask) internal pure returns (Scalar rows, Scalar m) {
        rows = o.c1 * Multilinear.powersAt(r3, o.zInverse) + o.c2 * Multilinear.powersAt(r3, o.z);
        rows = rows * Scalars.powerOfTwo(r3.length);
        (Scalar atInverse, Scalar atZ) = _evaluate(mask, o.zInverse, o.z);
        m = o.c1 * atInverse + o.c2 * atZ;
    }

    /// A polynomial at two places.
    function _evaluate(Scalar[] memory mask, Scalar x, Scalar y) private pure returns (Scalar atX, Scalar atY) {
        assembly ("memory-safe") {
            let r := R
            for { let k := shl(5, mload(mask)) } k { k := sub(k, 32) } {
                let c := mload(add(mask, k))
                atX := addmod(mulmod(atX, x, r), c, r)
                atY := addmod(mulmod(atY, y, r), c, r)
            }
        }
    }

    /// Adds what does not belong to a table: -(c_1 z + c_2/z) S', -(c_1 e_1 + c_2 e_2 + c_3 v) G, -h, x w; y = y' of S3.
    function addOwn(Opening memory o, Curve.Sum sum, Scalar y, Scalar degreeValue) internal view {
        Scalar constant_ = o.c1 * o.e1 + o.c2 * (y + y - o.e1) + o.c3 * degreeValue;
        sum.addProduct(o.sPrime, -(o.c1 * o.z + o.c2 * o.zInverse));
        sum.addGenerator(-constant_);
        sum.subtractPoint(o.quotient);
        sum.addProduct(o.opening, o.x);
    }

    /// V11
    function check(Opening memory o, Curve.Sum sum, uint256 tauH) internal view {
        if (!sum.pairingHolds(o.opening, tauH)) revert OpeningFailed();
    }
}
