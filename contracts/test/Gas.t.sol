// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Snapshot} from "./Snapshot.sol";
import {Vector} from "./TestBase.sol";
import {TRAINING} from "../src/verifier/Files.sol";
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
    TrainingWeights private immutable weights;

    constructor(VerifyingKeys keys_, TrainingWeights weights_) {
        keys = keys_;
        weights = weights_;
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

/// Gas of real proofs, held against contracts/snapshots: `npm test -- --match-contract Gas -vv` prints it, with UPDATE_SNAPSHOTS=true in
/// the environment it is written there. Calls of the test are transactions of their own, in which nothing is warm.
/// forge-config: default.isolate = true
contract GasTest is Snapshot {
    function test_30_1() external {
        measure("30-1");
    }

    function test_30_16_2() external {
        measure("30-16-2");
    }

    function test_64_32_10() external {
        measure("64-32-10");
    }

    function test_784_128_10() external {
        measure("784-128-10");
    }

    /// Storing the key, a registration, a training.
    function measure(string memory network) private {
        Vector memory v = load(string.concat("gas-", network), 1);
        bytes32 keyId = keys.store(v.program, v.table, v.setup);
        (, uint64 gas,,,) = vm.lastCallGas();
        record("store", gas);
        report("registration", load(string.concat("gas-", network), 0), keyId);
        report("training", v, keyId);
        phases(v, keyId);
        compare(string.concat("contracts/snapshots/", network, ".json"));
    }

    /// A transaction: execution, calldata, and both with 21,000 for itself.
    function report(string memory kind, Vector memory v, bytes32 keyId) private {
        bytes memory data = v.kind == TRAINING
            ? abi.encodeCall(trainings.verifyTraining, (keyId, v.statement, v.proof))
            : abi.encodeCall(registrations.verifyRegistration, (keyId, v.statement, v.proof));
        (bool ok,) = (v.kind == TRAINING ? address(trainings) : address(registrations)).call(data);
        assertTrue(ok, v.name);
        (, uint64 gas,,,) = vm.lastCallGas();
        record(string.concat(kind, "_bytes"), v.proof.length);
        record(string.concat(kind, "_calldata"), calldataGas(data));
        record(string.concat(kind, "_execution"), gas - calldataGas(data) - 21_000);
        record(string.concat(kind, "_transaction"), gas);
    }

    function calldataGas(bytes memory data) private pure returns (uint256 gas) {
        for (uint256 i = 0; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }

    function phases(Vector memory v, bytes32 keyId) private {
        TrainingPhases verifier = new TrainingPhases(keys, weights);
        (bool ok, bytes memory result) = address(verifier).call(abi.encodeCall(verifier.measure, (keyId, v.statement, v.proof)));
        assertTrue(ok, v.name);
        uint256[9] memory gas = abi.decode(result, (uint256[9]));
        string[9] memory phase = ["key", "statement", "commitments", "sumchecks", "targets", "opening", "weights", "sum", "pairing"];
        for (uint256 k = 0; k < 9; ++k) {
            record(string.concat("training_phase_", phase[k]), gas[k]);
        }
    }
}
