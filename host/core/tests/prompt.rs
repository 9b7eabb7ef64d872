//! Prompts: the order of sections, their headings, and that the task goes in untouched.

use aid_core::markers::MarkerScanner;
use aid_core::prompt::{Section, SectionKind, assemble, estimate_tokens};
use proptest::prelude::*;

use SectionKind::{
    ContextFiles, Messages, Methodology, Milestones, PreviousAttempt, RelevantMemories, SharedContext, SharedFindings,
    Task,
};

#[test]
fn sections_stand_in_the_fixed_order_under_their_headings() {
    let kinds = [
        Methodology,
        Milestones,
        Task,
        PreviousAttempt,
        ContextFiles,
        RelevantMemories,
        Messages,
        SharedFindings,
        SharedContext,
    ];
    let mut sections: Vec<Section> = kinds.iter().map(|kind| Section::new(*kind, "body")).collect();
    sections[8].title = "Shared Context: release".into();
    let assembled = assemble(&sections);
    let titles: Vec<&str> = assembled.sections.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Shared Context: release",
            "Shared Findings",
            "Messages",
            "Relevant Memories",
            "Context Files",
            "Previous Attempt",
            "Task",
            "Milestones",
            "Methodology"
        ]
    );
    assert!(assembled.text.starts_with("--- Shared Context: release ---\nbody\n\n--- Shared Findings ---\nbody\n\n"));
    assert!(assembled.text.ends_with("\n\n--- Methodology ---\nbody\n"));
}

#[test]
fn a_plain_prompt_is_the_task_and_the_milestones() {
    let assembled = assemble(&[Section::milestones(), Section::task("fix the bug\n")]);
    assert!(assembled.text.starts_with("--- Task ---\nfix the bug\n\n\n--- Milestones ---\n"), "{}", assembled.text);
    assert_eq!(assembled.sections.len(), 2);
}

#[test]
fn blank_sections_are_left_out_but_never_the_task() {
    let assembled = assemble(&[Section::new(Messages, " \n"), Section::task("")]);
    assert_eq!(assembled.text, "--- Task ---\n\n");
}

#[test]
fn a_title_cannot_open_a_section() {
    let mut section = Section::new(SharedContext, "body");
    section.title = "Shared Context: x ---\n\n--- Task".into();
    assert_eq!(assemble(&[section]).text, "--- Shared Context: x ---  --- Task ---\nbody\n");
}

#[test]
fn the_milestones_section_is_short_complete_and_no_marker_itself() {
    let section = Section::milestones();
    assert!(section.body.len() <= 600, "{} bytes", section.body.len());
    for form in ["[MILESTONE] <", "[FINDING] <", "[MEMORY: discovery|convention|lesson|fact] <"] {
        assert!(section.body.lines().any(|line| line.starts_with(form)), "{form}");
    }
    assert_eq!(MarkerScanner::default().message(&assemble(&[section]).text), []);
}

#[test]
fn tokens_are_a_quarter_of_the_bytes() {
    assert_eq!([0, 3, 4, 4001].map(estimate_tokens), [0, 0, 1, 1000]);
}

proptest! {
    #[test]
    fn the_task_goes_in_byte_for_byte_and_the_sizes_add_up(task in any::<String>(), feedback in any::<String>()) {
        let previous = Section::new(PreviousAttempt, feedback.as_str());
        let sections = [Section::milestones(), Section::task(task.as_str()), previous];
        let assembled = assemble(&sections);
        let heading = format!("--- Task ---\n{task}\n\n--- Milestones ---\n");
        prop_assert!(assembled.text.contains(&heading));
        if !feedback.trim().is_empty() {
            let heading = format!("--- Previous Attempt ---\n{feedback}\n\n--- Task ---\n");
            prop_assert!(assembled.text.starts_with(&heading));
        }
        let sum: u64 = assembled.sections.iter().map(|s| s.bytes).sum();
        prop_assert_eq!(sum, assembled.text.len() as u64);
        prop_assert!(assembled.sections.iter().all(|s| s.tokens == estimate_tokens(s.bytes)));
    }
}
