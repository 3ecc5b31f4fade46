// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, R, ONE} from "./Scalar.sol";
import {Vectors} from "./Vectors.sol";

struct LookupChallenges {
    Scalar alpha;
    Scalar gamma;
    Scalar chi;
}

/// The integrand of S2 as it is summed up: helper constraints and constraints with rising powers of chi, and sum_g h_g.
struct Integrand {
    Scalar total;
    Scalar power;
    Scalar chi;
    Scalar sumHelpers;
}

/// Numerators and denominators of the fractions that helpers stand for, over their units so far.
struct Fractions {
    Scalar[] numerator;
    Scalar[] denominator;
}

/// What the integrands of S2 of both proofs are made of (section 3).
library Circuit {
    using Vectors for Scalar[];

    function start(uint256 n) internal pure returns (Fractions memory f) {
        f.numerator = new Scalar[](n);
        f.denominator = new Scalar[](n);
        for (uint256 g = 0; g < n; ++g) {
            f.denominator.set(g, ONE);
        }
    }

    /// Adds numerator / denominator to helper g's fraction.
    function include(Fractions memory f, uint256 g, Scalar numerator, Scalar denominator) internal pure {
        assembly ("memory-safe") {
            let n := add(mload(f), shl(5, add(g, 1)))
            let d := add(mload(add(f, 32)), shl(5, add(g, 1)))
            let before := mload(d)
            mstore(n, addmod(mulmod(mload(n), denominator, R), mulmod(numerator, before, R), R))
            mstore(d, mulmod(before, denominator, R))
        }
    }

    /// sum_g chi^(1+g) H_g with H_g = h_g denominator - numerator, and sum_g h_g; h_g from position `pos` on.
    function helpers(Fractions memory fractions, Scalar[] memory values, uint256 pos, Scalar chi)
        internal
        pure
        returns (Integrand memory f)
    {
        unchecked {
            f.power = chi;
            f.chi = chi;
            for (uint256 g = 0; g < fractions.numerator.length; ++g) {
                Scalar h = values.get(pos + g);
                constrain(f, h * fractions.denominator.get(g) - fractions.numerator.get(g));
                f.sumHelpers = f.sumHelpers + h;
            }
        }
    }

    /// Adds one more constraint.
    function constrain(Integrand memory f, Scalar value) internal pure {
        assembly ("memory-safe") {
            let power := mload(add(f, 32))
            mstore(f, addmod(mload(f), mulmod(power, value, R), R))
            mstore(add(f, 32), mulmod(power, mload(add(f, 64)), R))
        }
    }
}
