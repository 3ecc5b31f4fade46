// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Layout} from "./Layout.sol";
import {Scalar, Scalars, ONE, HALF} from "./Scalar.sol";
import {Openings} from "./Opening.sol";
import {TrainingProof} from "./Training.sol";
import {Batch} from "./TrainingRelations.sol";
import {Vectors} from "./Vectors.sol";

/// The functional l' = l + 2^n g_3(r3) - sigma_3 of m; numbers as in TrainingRelations.
library MaskRow {
    using Vectors for Scalar[];
    using Scalars for Scalar;

    function row(TrainingProof memory proof, Batch memory b) internal pure returns (Scalar[] memory m) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            m = new Scalar[](lay.maskLength);
            Openings.closing(m, lay.maskA, lay.degreesA, proof.ra, b.xi.get(2 * L - 1));
            Openings.closing(m, lay.maskB, lay.degreesB, proof.rb, b.xi.get(8 * L - 2));
            Openings.closing(m, lay.mask2, lay.degrees2, proof.r2, b.xi.get(8 * L - 1));
            Openings.closing(m, lay.mask3, lay.degrees3, proof.r3, Scalars.powerOfTwo(lay.n));
            _values(proof, b.xi, m);
            // update blinds of R-DEG: omega^v zeta^(N+j)
            Scalar power = b.xi.get(b.count + 1) * proof.zeta.pow(1 << lay.n);
            uint256 pos = lay.maskBlinds;
            Scalar blind = power;
            for (uint256 j = 0; j <= 2 * proof.program.openings; ++j) {
                m.set(pos++, blind);
                blind = blind * proof.zeta;
            }
            for (uint256 v = 1; v < lay.nW; ++v) {
                power = power * proof.omega;
                m.set(pos++, power);
            }
        }
    }

    /// A value's mask counts x (1 - x) times in its own relation; masks of W also in R-S1B.
    function _values(TrainingProof memory proof, Scalar[] memory xi, Scalar[] memory m) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            Scalar x = proof.ra.get(0) * (ONE - proof.ra.get(0));
            Scalar weight = -(xi.get(8 * L - 2) * HALF.pow(lay.tb + lay.bb) * x);
            for (uint256 k = 0; k < 2 * L - 1; ++k) {
                m.set(lay.maskValuesA + 2 * k, xi.get(k) * x);
                m.set(lay.maskValuesA + 2 * k + 1, weight);
                weight = weight * proof.kappa;
            }
            x = proof.rb.get(0) * (ONE - proof.rb.get(0));
            for (uint256 k = 0; k < 2 * (3 * L - 1); ++k) {
                m.set(lay.maskValuesB + k, xi.get(2 * L + k) * x);
            }
            x = proof.r2.get(lay.c - 1);
            x = x * (ONE - x);
            for (uint256 k = 0; k < proof.values2.length; ++k) {
                m.set(lay.maskValues2 + k, xi.get(8 * L + k) * x);
            }
        }
    }
}
