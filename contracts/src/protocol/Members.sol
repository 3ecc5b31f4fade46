// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFedHub, Phase, Task} from "../interfaces/IFedHub.sol";
import {State, Member} from "./HubState.sol";
import {Faults} from "./Faults.sol";
import {Updates} from "./Updates.sol";
import {Terms, Facts} from "./Tasks.sol";
import {Statements} from "./Statements.sol";
import "./HubErrors.sol";

/// What is said of a member that joins.
struct Entry {
    uint32 live;
    bytes32 datasetId;
    bytes32 nonceCommitment;
    bytes32 person;
    bytes32 proof;
}

/// Joining, entering rounds, leaving.
abstract contract Members is IFedHub, Faults, Updates {
    function join(bytes32 id, bytes32 nonceCommitment, bytes calldata dataset, bytes calldata proofFile, bytes calldata evidence)
        external
        nonReentrant
    {
        Terms memory terms = _terms(id);
        Entry memory entry;
        entry.live = _requireNext(id, terms.task);
        (entry.nonceCommitment, entry.proof) = (nonceCommitment, keccak256(proofFile));
        entry.person = _admit(id, terms.task, evidence);
        entry.datasetId = _register(id, terms, nonceCommitment, dataset, proofFile);
        _keepDataset(id, entry, dataset);
        _return(id, terms.task, entry.live);
        terms.task.beacon.enrol(id, msg.sender, nonceCommitment);
    }

    function enter(bytes32 id) external nonReentrant {
        Terms memory terms = _terms(id);
        uint32 next = _requireNext(id, terms.task);
        Member storage m = _members[id][msg.sender];
        if (!m.joined) revert NotMember(msg.sender);
        if (!_return(id, terms.task, next)) revert AlreadyEntered(m.entered - 1);
        emit Entered(id, msg.sender, next);
    }

    function quit(bytes32 id) external nonReentrant {
        Terms memory terms = _terms(id);
        State storage s = _states[id];
        Member storage m = _members[id][msg.sender];
        if (!m.joined) revert NotMember(msg.sender);
        if (m.left) revert AlreadyLeft(msg.sender);
        _settleFault(id, s, m, terms.task);
        if (m.entered == _nextRound(s) + 1) {
            ++s.leaving;
            m.entered = m.submitted;
        }
        m.left = true;
        --s.members;
        emit Left(id, msg.sender);
        vault.startExit(id, msg.sender, _exitDelay(terms.task));
    }

    function reportAbsent(bytes32 id, uint32 round, address member) external nonReentrant {
        Terms memory terms = _terms(id);
        State storage s = _states[id];
        Member storage m = _members[id][member];
        if (m.punished == round + 1) revert AlreadyPunished(round, member);
        if (m.entered != round + 1) revert NoFault(round, member);
        (uint256 penalty, string memory fault) = _fault(id, s, m, terms.task, member);
        if (bytes(fault).length == 0) revert NoFault(round, member);
        m.punished = m.entered;
        _slash(id, member, round, penalty, msg.sender, fault);
    }

    // --- joining ---------------------------------------------------------------------------------------------------------

    function _requireNext(bytes32 id, Task memory t) private view returns (uint32 next) {
        State storage s = _states[id];
        _requireRunning(s);
        if (s.phase == Phase.Joining && block.timestamp >= s.deadline) revert TooLate(s.deadline);
        next = _nextRound(s);
        if (next >= t.rounds) revert NoFurtherRound(t.rounds);
    }

    function _admit(bytes32 id, Task memory t, bytes calldata evidence) private returns (bytes32 person) {
        person = t.gate.admit(id, msg.sender, evidence);
        address owner = _persons[id][person];
        if (owner == address(0)) _persons[id][person] = msg.sender;
        else if (owner != msg.sender) revert PersonTaken(owner);
    }

    function _register(bytes32 id, Terms memory terms, bytes32 nonceCommitment, bytes calldata dataset, bytes calldata proofFile)
        private
        returns (bytes32 datasetId)
    {
        Facts memory facts = terms.facts;
        _requirePoints(dataset, facts.nD);
        bytes32 commitment = keccak256(dataset);
        address owner = _datasets[id][commitment];
        if (owner == address(0)) _datasets[id][commitment] = msg.sender;
        else if (owner != msg.sender) revert DatasetTaken(owner);
        bytes memory statement = Statements.registration(facts, id, msg.sender, nonceCommitment, dataset);
        return router.verifyRegistration(terms.task.verifier, terms.task.keyId, statement, proofFile);
    }

    function _keepDataset(bytes32 id, Entry memory e, bytes calldata dataset) private {
        bytes32 kept = keccak256(abi.encodePacked(e.datasetId, dataset));
        Member storage m = _members[id][msg.sender];
        if (m.joined) {
            // the current round goes on with the one that it began with
            m.dataset = _datasetOf(m, _states[id].round);
            (m.nextDataset, m.nextFrom) = (kept, e.live + 1);
        } else {
            m.dataset = kept;
        }
        emit Joined(id, msg.sender, e.live, e.datasetId, e.nonceCommitment, e.person, dataset, e.proof);
    }

    // --- rounds ----------------------------------------------------------------------------------------------------------

    /// Enters the sender in round `next` and tops its stake up. False if it is in it already, or in the current one with an update due,
    /// which will bring it there.
    function _return(bytes32 id, Task memory t, uint32 next) private returns (bool enters) {
        State storage s = _states[id];
        Member storage m = _members[id][msg.sender];
        _settleFault(id, s, m, t);
        if (!m.joined || m.left) {
            if (s.members >= t.maxMembers) revert TaskFull(t.maxMembers);
            ++s.members;
        }
        enters = m.entered != next + 1 && !(m.entered == next && m.submitted < next && m.punished < next);
        if (enters) {
            m.entered = next + 1;
            ++s.entering;
        }
        bool lock = !m.joined || m.left || m.short;
        (m.joined, m.left, m.short) = (true, false, false);
        if (lock) vault.lock(id, t.token, msg.sender, t.stake - vault.stakeOf(id, msg.sender));
    }
}
