use std::collections::BTreeMap;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let verbose = args.iter().find(|a| a.starts_with("-")).cloned().unwrap_or_default();
    let (mut tr, mut trn, mut ho, mut hon) = (0, 0, 0, 0);
    let mut conf: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut per: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for f in args.iter().filter(|a| !a.starts_with("-")) {
        let t: BTreeMap<String, Vec<String>> = toml::from_str(&std::fs::read_to_string(f).unwrap()).unwrap();
        for (cat, ps) in t {
            for (i, p) in ps.iter().enumerate() {
                let c = aid_core::select::classify(p);
                let got = serde_json::to_string(&c.category).unwrap().trim_matches('"').to_string();
                let held = i % 3 == 2;
                let ok = got == cat;
                let e = per.entry(cat.clone()).or_default();
                e.1 += 1;
                if ok {
                    e.0 += 1
                }
                if held {
                    hon += 1;
                    ho += ok as u32
                } else {
                    trn += 1;
                    tr += ok as u32
                }
                if !ok {
                    *conf.entry((cat.clone(), got.clone())).or_default() += 1;
                    if verbose == "-v" || (verbose == "-t" && !held) {
                        println!(
                            "[{cat} -> {got}] {}\n{}  {:?}",
                            p.trim(),
                            aid_core::select::dbg(p),
                            c.evidence
                                .iter()
                                .map(|e| format!("{}:{:?}:{}", e.words, e.category, e.points))
                                .collect::<Vec<_>>()
                        );
                    }
                }
            }
        }
    }
    println!("train {tr}/{trn} heldout {ho}/{hon}  total {:.1}%", 100.0 * (tr + ho) as f64 / (trn + hon) as f64);
    println!("{per:?}");
}
