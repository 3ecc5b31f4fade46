// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Task} from "../interfaces/IFedHub.sol";
import {HubState, State, Stage, Member} from "./HubState.sol";
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

/// Joining, entering rounds, leaving; and the faults of members that entered a round and did not come. A member has at most one fault
/// that was not punished: it enters no other round before.
abstract contract Members is HubState {
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
            --s.entering;
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

    function _register(
        bytes32 id,
        Terms memory terms,
        bytes32 nonceCommitment,
        bytes calldata dataset,
        bytes calldata proofFile
    ) private returns (bytes32 datasetId) {
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

    /// What the member registered for a round.
    function _datasetOf(Member storage m, uint32 round) internal view returns (bytes32) {
        return m.nextFrom != 0 && round + 1 >= m.nextFrom ? m.nextDataset : m.dataset;
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

    /// After an update of the current round.
    function _goOn(bytes32 id, State storage s, Member storage m, Task memory t, uint32 round, bool leaving) internal {
        if (round + 1 >= t.rounds) return;
        if (leaving || m.left || m.short) {
            emit Left(id, msg.sender);
        } else {
            m.entered = round + 2;
            ++s.entering;
        }
    }

    // --- faults ----------------------------------------------------------------------------------------------------------

    /// Who acts again is punished first, without a reporter.
    function _settleFault(bytes32 id, State storage s, Member storage m, Task memory t) private {
        (uint256 penalty, string memory fault) = _fault(id, s, m, t, msg.sender);
        if (bytes(fault).length == 0) return;
        m.punished = m.entered;
        _slash(id, msg.sender, m.entered - 1, penalty, address(0), fault);
    }

    /// What the member did wrong in the last round that it entered; empty if nothing, if that was punished, or if it is too early to tell.
    function _fault(bytes32 id, State storage s, Member storage m, Task memory t, address member)
        private
        view
        returns (uint256 penalty, string memory fault)
    {
        uint32 last = m.entered;
        if (last == 0 || m.submitted >= last || m.punished >= last || last > s.round + 1) return (0, "");
        Stage stage = last <= s.round ? Stage.Submitted : s.stage;
        if (stage == Stage.Begun) return (0, "");
        if (!t.beacon.isPresent(address(this), id, last - 1, member)) return (t.revealPenalty, "nonce");
        if (stage == Stage.Submitted) return (t.absencePenalty, "update");
    }

    /// Cuts a stake. The part for the honest goes to the accepted of the current round; there are none any more when the task is over.
    function _slash(bytes32 id, address member, uint32 round, uint256 amount, address reporter, string memory fault) internal {
        State storage s = _states[id];
        Member storage m = _members[id][member];
        if (amount > 0) {
            m.short = true;
            if (m.entered == _nextRound(s) + 1) {
                --s.entering;
                m.entered = m.submitted;
                emit Left(id, member);
            }
        }
        (uint256 taken, uint256 honest) = vault.slash(id, member, amount, reporter, !_isOver(s));
        s.pot += uint128(honest);
        emit Slashed(id, member, round, taken, reporter, fault);
    }

    /// Longer than anything that can still be held against the member takes.
    function _exitDelay(Task memory t) private pure returns (uint64) {
        return uint64(t.joinWindow) + t.revealWindow + t.submitWindow + t.challengeWindow + t.answerWindow + t.closeWindow;
    }
}
