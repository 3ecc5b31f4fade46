// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar} from "./verifier/Scalar.sol";
import {Images} from "./verifier/Image.sol";
import {TrainingProof} from "./verifier/Training.sol";
import {Targets} from "./verifier/Targets.sol";

/// The right-hand sides of a training proof's relations (docs/protocol.md, section 3). Stateless; a part of TrainingVerifier, which
/// alone can call it: see Images.
contract TrainingTargets {
    /// Takes the caller's memory with the proof as read up to xi; returns the claimed sum of S3.
    function target() external pure returns (uint256) {
        function(TrainingProof memory) pure returns (Scalar) sum = Targets.sum;
        function(uint256) pure returns (Scalar) sumAt;
        assembly ("memory-safe") {
            sumAt := sum
        }
        return Scalar.unwrap(sumAt(Images.receive_()));
    }
}
