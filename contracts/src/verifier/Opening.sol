// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, Scalars, ZERO, ONE} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Transcript, Transcripts, Label} from "./Transcript.sol";
import {Curve} from "./Curve.sol";
import {DegenerateChallenge, OpeningFailed} from "./Errors.sol";

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

    /// Factor c_1 b(1/z) + c_2 b(z) of all rows, b(X) = 2^c prod_i (1 - r_i + r_i X^(2^i)).
    function factor(Opening memory o, Scalar[] memory r3) internal pure returns (Scalar rows) {
        (Scalar atInverse,) = Multilinear.powersAt(r3, o.zInverse);
        (Scalar atZ,) = Multilinear.powersAt(r3, o.z);
        rows = (o.c1 * atInverse + o.c2 * atZ) * Scalars.powerOfTwo(r3.length);
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
