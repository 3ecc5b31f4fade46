// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Layout} from "./Layout.sol";
import {Scalar, Scalars, ONE} from "./Scalar.sol";
import {MaskSum, MaskSums} from "./MaskSum.sol";
import {Opening} from "./Opening.sol";
import {TrainingProof} from "./Training.sol";
import {Batch} from "./TrainingRelations.sol";
import {Vectors} from "./Vectors.sol";

/// The functional l' = l + 2^n g_3(r3) - sigma_3 of m at 1/z and z; numbers as in TrainingRelations.
library MaskRow {
    using Vectors for Scalar[];
    using Scalars for Scalar;
    using MaskSums for MaskSum;

    /// c_1 l'(1/z) + c_2 l'(z). zetaN: zeta^N.
    function factor(TrainingProof memory proof, Batch memory b, Scalar zetaN) internal pure returns (Scalar) {
        unchecked {
            Opening memory o = proof.opening;
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            MaskSum memory m = MaskSums.start(o.zInverse, o.z, lay.degrees2);
            _blinds(proof, b.xi.get(b.count + 1) * zetaN, m);
            _values(proof, b.xi, m);
            m.closing(lay.degrees3, proof.r3, Scalars.powerOfTwo(lay.n));
            m.closing(lay.degrees2, proof.r2, b.xi.get(8 * L - 1));
            m.closing(lay.degreesB, proof.rb, b.xi.get(8 * L - 2));
            m.closing(lay.degreesA, proof.ra, b.xi.get(2 * L - 1));
            m.zeros(lay.maskA);
            return o.c1 * m.atX + o.c2 * m.atY;
        }
    }

    /// R-DEG: omega^v zeta^(N+j) for the blinds j of W_out's vectors v
    function _blinds(TrainingProof memory proof, Scalar first, MaskSum memory m) private pure {
        unchecked {
            if (proof.lay.nW > 1) m.powers(first * proof.omega, proof.omega, proof.lay.nW - 1);
            m.powers(first, proof.zeta, 2 * proof.program.openings + 1);
        }
    }

    /// A value's mask counts x (1 - x) times in its own relation; masks of W also in R-S1B.
    function _values(TrainingProof memory proof, Scalar[] memory xi, MaskSum memory m) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            Scalar base = xi.get(1);
            m.powers(_own(proof.r2.get(lay.c - 1)) * xi.get(8 * L), base, proof.values2.length);
            m.powers(_own(proof.rb.get(0)) * xi.get(2 * L), base, 2 * (3 * L - 1));
            Scalar x = _own(proof.ra.get(0));
            Scalar weight = -(xi.get(8 * L - 2) * Scalars.halved(lay.tb + lay.bb) * x);
            m.alternating(x, base, weight, proof.kappa, 2 * L - 1);
        }
    }

    function _own(Scalar x) private pure returns (Scalar) {
        return x * (ONE - x);
    }
}
