// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar} from "./verifier/Scalar.sol";
import {Trainings} from "./verifier/Training.sol";
import {Targets} from "./verifier/Targets.sol";

/// The right-hand sides of a training proof's relations (docs/protocol.md, section 3). Stateless; a part of TrainingVerifier, which
/// alone can call it: see Images.
contract TrainingTargets {
    /// Takes the caller's memory with the proof as read up to xi; returns the claimed sum of S3.
    function target() external pure returns (uint256) {
        return Scalar.unwrap(Targets.sum(Trainings.receive_()));
    }
}
