// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase, Vector} from "./TestBase.sol";
import {VerifyingKeys} from "../src/VerifyingKeys.sol";
import {Trainings, TrainingProof} from "../src/verifier/Training.sol";
import {TrainingWeights} from "../src/TrainingWeights.sol";
import {Targets} from "../src/verifier/Targets.sol";
import {Images} from "../src/verifier/Image.sol";
import {Scalar} from "../src/verifier/Scalar.sol";
import {Rows} from "../src/verifier/Rows.sol";
import {Openings} from "../src/verifier/Opening.sol";
import {Curve} from "../src/verifier/Curve.sol";

/// verifyTraining with the gas of its phases.
contract TrainingPhases {
    using Trainings for TrainingProof;

    VerifyingKeys private immutable keys;
    TrainingWeights private immutable weights = new TrainingWeights();

    constructor(VerifyingKeys keys_) {
        keys = keys_;
    }

    function measure(bytes32 keyId, bytes calldata statement, bytes calldata file) external view returns (uint256[9] memory) {
        uint256[9] memory gas;
        gas[0] = gasleft();
        function(TrainingProof memory, bytes calldata, bytes calldata, uint256[9] memory) view start = measureStart;
        function(uint256, bytes calldata, bytes calldata, uint256[9] memory) view startAt;
        assembly ("memory-safe") {
            startAt := start
        }
        startAt(Trainings.open(address(keys), keyId), statement, file, gas);
        return gas;
    }

    function measureStart(TrainingProof memory proof, bytes calldata statement, bytes calldata file, uint256[9] memory gas)
        private
        view
    {
        gas[1] = gasleft();
        proof.openFile(statement, file);
        gas[2] = gasleft();
        proof.readCommitments();
        gas[3] = gasleft();
        proof.readSumchecks();
        gas[4] = gasleft();
        uint256 end = Images.mark();
        Scalar target = Targets.sum(proof);
        Images.release(end);
        proof.readBatch(target);
        gas[5] = gasleft();
        proof.readOpening();
        gas[6] = gasleft();
        measureEnd(proof, gas);
    }

    function measureEnd(TrainingProof memory proof, uint256[9] memory gas) private view {
        function(TrainingProof memory, Rows memory, uint256[9] memory) view measureRows_ = measureRows;
        function(TrainingProof memory, uint256, uint256[9] memory) view measureAt;
        assembly ("memory-safe") {
            measureAt := measureRows_
        }
        measureAt(proof, proof.rows(weights), gas);
    }

    function measureRows(TrainingProof memory proof, Rows memory rows, uint256[9] memory gas) private view {
        gas[7] = gasleft();
        Curve.Sum left = proof.combine(rows);
        gas[8] = gasleft();
        Openings.check(proof.opening, left, proof.tauH);
        for (uint256 i = 0; i < 8; ++i) {
            gas[i] -= gas[i + 1];
        }
        gas[8] -= gasleft();
    }
}

/// Gas of a real proof: `forge test --match-contract Gas -vv` prints it.
contract GasTest is TestBase {
    event log_named_uint(string name, uint256 value);

    function test_30_16_2() external {
        measure("gas-30-16-2", 700_000, 350_000);
    }

    function test_30_1() external {
        measure("gas-30-1", 610_000, 330_000);
    }

    function test_64_32_10() external {
        measure("gas-64-32-10", 700_000, 350_000);
    }

    function test_784_128_10() external {
        measure("gas-784-128-10", 700_000, 350_000);
    }

    /// A registration, then a training.
    function measure(string memory file, uint256 training, uint256 registration) private {
        Vector memory v = load(file, 1);
        bytes32 keyId = keys.store(v.program, v.table, v.setup);
        uint256[9] memory phases = (new TrainingPhases(keys)).measure(keyId, v.statement, v.proof);
        emit log_named_uint("key", phases[0]);
        emit log_named_uint("file and statement", phases[1]);
        emit log_named_uint("commitments, challenges", phases[2]);
        emit log_named_uint("S1a, S1b, S2", phases[3]);
        emit log_named_uint("right-hand sides, S3", phases[4]);
        emit log_named_uint("opening messages", phases[5]);
        emit log_named_uint("weights at r3", phases[6]);
        emit log_named_uint("sum of commitments", phases[7]);
        emit log_named_uint("pairing", phases[8]);
        report("training, execution", v, training);
        report("registration, execution", load(file, 0), registration);
    }

    /// Gas of the call from another contract; calldata is not in it.
    function report(string memory name, Vector memory v, uint256 limit) private {
        bytes32 keyId = keys.store(v.program, v.table, v.setup);
        uint256 gas = gasleft();
        bytes memory reason = verdict(v, keyId);
        gas -= gasleft();
        assertEq(reason, "", v.name);
        emit log_named_uint(name, gas);
        assertTrue(gas < limit, "gas limit");
    }
}
