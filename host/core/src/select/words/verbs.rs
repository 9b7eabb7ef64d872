//! Verbs, and what they ask for: data only.

use super::Act;

/// Verbs in their base form.
pub(in crate::select) const VERBS: &[(Act, &str)] = &[
    (
        Act::Ask,
        "explain describe compare summarize summarise outline understand learn know contrast recommend propose suggest \
         advise evaluate assess estimate rank elaborate brainstorm discuss justify enlighten tell \
         interpret weigh characterize enumerate quantify predict opine",
    ),
    (
        Act::Look,
        "read look check review study examine inspect see open browse explore consider familiarize familiarise start \
         begin follow take consult scan think go",
    ),
    (
        Act::Inspect,
        "investigate analyze analyse audit research survey inventory profile determine identify discover map trace \
         gather collect catalog catalogue monitor measure observe",
    ),
    (Act::Find, "find list search locate count grep lookup"),
    (Act::Fix, "fix repair resolve solve patch correct address hotfix unbreak rectify remedy mend fixup cure"),
    (Act::Debug, "debug diagnose troubleshoot bisect reproduce repro pinpoint triage stabilize stabilise deflake"),
    (
        Act::Edit,
        "rename enable disable activate deactivate bump toggle pin unpin uncomment retitle capitalize lowercase uppercase hardcode sort alphabetize \
         increment decrement upcase downgrade misspell reorder gitignore whitelist \
         blacklist allowlist ",
    ),
    (
        Act::Change,
        "raise lower increase decrease copy wrap unwrap limit cap skip ignore silence suppress quote double halve trim link wait change update modify adjust set replace alter edit tweak switch default substitute \
         override point revise amend refresh customize customise flip expose export \
         assign swap hide mark tag reset append prepend put shorten lengthen",
    ),
    (Act::Add, "add include insert attach supply register provide define declare specify"),
    (Act::Remove, "remove delete drop strip omit erase clear unset revert discard prune"),
    (
        Act::Build,
        "implement build create develop introduce integrate migrate port design architect engineer rewrite wire \
         support construct scaffold bootstrap prototype deploy provision containerize dockerize orchestrate extend \
         hook install configure connect automate allow let upgrade persist schedule stream \
         synchronize sync parallelize distribute enforce detect parse validate store encrypt ship deliver setup \
         implementation expand cache embed compute process serve track send instrument internationalize localize \
         redo reimplement handle teach prevent guard record capture calculate restrict accept forward route preload \
         prefetch precompute sanitize escape encode decode serialize deserialize compress rotate archive purge expire \
         invalidate paginate sign poll watch listen negotiate buffer queue retry broadcast mirror hash backport resume \
         restore recover honor honour propagate log simulate transform bundle package release publish generalize secure harden throttle batch shard replicate authenticate authorize parameterize \
         ingest index emit publish subscribe dispatch invent program code spin stand roll plug bridge proxy",
    ),
    (Act::Write, "write draft author compose generate produce prepare bring craft"),
    (
        Act::Improve,
        "improve clarify optimize optimise enhance accelerate boost reduce minimize minimise refine strengthen polish tune \
         shrink cut ",
    ),
    (Act::Make, "make perform conduct do carry use get keep have give do"),
    (
        Act::Test,
        "test cover benchmark mock fuzz assert parametrize parametrise parameterise stub loadtest e2e \
         exercise smoke",
    ),
    (Act::Run, "run execute launch invoke rerun"),
    (
        Act::Refactor,
        "refactor restructure reorganize reorganise extract split deduplicate dedupe dedup simplify decouple modularize \
         modularise inline consolidate untangle flatten unify disentangle decompose abstract tidy cleanup streamline \
         modernize modernise encapsulate rework factor generify separate isolate eliminate declutter \
         collapse group hoist componentize unwind linearize regroup rearrange slim dry \
         demystify collocate colocate detangle reshape refactoring merge",
    ),
    (Act::Convert, "convert turn transform transition transpile adopt"),
    (Act::Move, "move relocate pull lift transfer"),
    (Act::Document, "document annotate comment proofread translate reword rephrase copyedit illustrate blog docstring"),
    (
        Act::Style,
        "style restyle redesign align center centre animate theme recolor recolour beautify render highlight display \
         show mockup lay reskin visualize visualise",
    ),
    (Act::Format, "format reformat lint prettify autoformat indent reindent prettier black isort gofmt rustfmt eslint"),
    (Act::Want, "want need require wish request like"),
    (
        Act::Chore,
        "ensure verify confirm commit push report answer return stop finish stay avoid leave remember note respond \
         reply mention post prefer respect preserve please call double rebase stage submit \
         notify hand",
    ),
];

/// Verbs of several words. They win over their first word.
pub(in crate::select) const VERB_PHRASES: &[(Act, &[&str])] = &[
    (
        Act::Ask,
        &[
            "give me an overview",
            "give an overview",
            "walk me through",
            "walk through",
            "tell me",
            "let me know",
            "give me",
            "point me",
            "say which",
            "say what",
            "give your opinion",
            "say whether",
            "look up",
            "provide an overview",
            "provide a summary",
            "write a summary of how",
            "show me",
            "sum up",
            "break down how",
            "describe to me",
            "help me understand",
            "describe how",
            "describe what",
            "describe the flow",
            "describe its",
            "describe the difference",
            "point out",
            "make a list",
            "produce a list",
            "produce an inventory",
            "produce a report",
            "create a list",
            "create an inventory",
            "write a report",
            "come up with options",
            "map out",
            "test the hypothesis",
            "test the theory",
            "test the assumption",
            "test the idea",
            "verify the hypothesis",
            "deep dive",
            "do a review",
            "do a code review",
            "do research",
            "make a recommendation",
            "list all",
            "list every",
            "list the",
            "code review",
        ],
    ),
    (
        Act::Inspect,
        &[
            "find out",
            "figure out",
            "look into",
            "dig into",
            "work out",
            "have a look",
            "take a look",
            "check why",
            "see why",
        ],
    ),
    (
        Act::Fix,
        &[
            "sort out",
            "take care of",
            "deal with",
            "make work",
            "get working",
            "get rid of the bug",
            "make pass",
            "iron out",
        ],
    ),
    (Act::Debug, &["track down", "root cause", "get to the bottom", "hunt down", "chase down", "step through"]),
    (Act::Find, &["search for", "look for", "look up"]),
    (
        Act::Edit,
        &[
            "find and replace",
            "search and replace",
            "comment out",
            "search replace",
            "turn on",
            "turn off",
            "switch on",
            "switch off",
        ],
    ),
    (
        Act::Build,
        &["set up", "hook up", "roll out", "spin up", "stand up", "wire up", "add support", "plug in", "opt in"],
    ),
    (
        Act::Refactor,
        &[
            "clean up",
            "break it",
            "break them",
            "break this",
            "break the",
            "break into",
            "tease apart",
            "pull apart",
            "thin out",
            "break up",
            "tidy up",
            "get rid of",
            "pull out",
            "factor out",
            "break down",
            "break apart",
            "split up",
            "split out",
            "dry up",
            "break out",
            "carve out",
            "move out",
            "turn this",
            "make less of",
            "pull the shared",
            "pull the common",
            "reduce duplication",
            "reduce the duplication",
            "reduce coupling",
            "reduce nesting",
            "remove duplication",
            "remove duplicate",
            "remove duplicated",
            "introduce a trait",
            "replace inheritance",
        ],
    ),
    (Act::Document, &["write up", "write down", "put into words"]),
    (Act::Improve, &["speed up", "scale up", "cut down"]),
    (
        Act::Test,
        &["load test", "unit test", "stress test", "smoke test", "integration test", "test drive", "raise coverage"],
    ),
    (Act::Write, &["put together", "bring up", "come up with"]),
    (Act::Chore, &["make sure", "open a pr", "open a pull", "let us know", "double check", "be sure", "keep in mind"]),
    (Act::Format, &["type check", "auto format"]),
    (Act::Want, &["would be nice", "would be great", "would love", "would like"]),
];
