"""A trial that the project has never seen, as a person would bring it: a folder of three text files and a reference."""

from pathlib import Path

TRIAL = """\
id = "nova"
name = "NOVA"
title = "Allogeneic MSC in the subacute phase"
population_class = "iv-msc"
design = "randomised"
status = "completed"
year = 2027
conflicts = []

[[arms]]
id = "msc"
label = "MSC"
role = "experimental"
n_analysed = 60

[[arms]]
id = "placebo"
label = "Placebo"
role = "control"
n_analysed = 60

[[reports]]
id = "nova-2027"
citation = "nova2027"
kind = "main"
label = "Nova 2027"

[facts.population]
value = "Adults with a middle cerebral artery infarct"
source = "nova2027"
locator = "abstract"
kind = "primary"
"""

RESULTS = """\
report,outcome,variable,arm,comparator,visit,day,population,statistic,level,qualifier,value,unit,method,source,locator,kind,note
nova-2027,fma-motor,change,msc,,day 180,180,itt,n,,,60,patients,,nova2027,table 2,primary,
nova-2027,fma-motor,change,msc,,day 180,180,itt,mean,,,12.0,points,,nova2027,table 2,primary,
nova-2027,fma-motor,change,msc,,day 180,180,itt,sd,,,15.0,points,,nova2027,table 2,primary,
nova-2027,fma-motor,change,placebo,,day 180,180,itt,n,,,60,patients,,nova2027,table 2,primary,
nova-2027,fma-motor,change,placebo,,day 180,180,itt,mean,,,9.0,points,,nova2027,table 2,primary,
nova-2027,fma-motor,change,placebo,,day 180,180,itt,sd,,,15.0,points,,nova2027,table 2,primary,
nova-2027,death,value,msc,,day 180,180,itt,n,,,60,patients,,nova2027,table 3,primary,
nova-2027,death,value,msc,,day 180,180,itt,events,,,3,patients,,nova2027,table 3,primary,
nova-2027,death,value,placebo,,day 180,180,itt,n,,,60,patients,,nova2027,table 3,primary,
nova-2027,death,value,placebo,,day 180,180,itt,events,,,5,patients,,nova2027,table 3,primary,
"""

BIAS = """\
tool,domain,judgement,ground,source,locator
RoB 2,D1,low,Central randomisation.,nova2027,methods
RoB 2,D2,low,Placebo.,nova2027,methods
RoB 2,D3,low,All followed.,nova2027,figure 1
RoB 2,D4,low,Blinded raters.,nova2027,methods
RoB 2,D5,low,As registered.,nova2027,methods
RoB 2,overall,low,No concern.,nova2027,methods
"""

REFERENCE = """\
@article{nova2027,
  author = {Nova, Ada and Stella, Bo},
  title = {A trial that is made up for a test},
  journal = {Journal of Tests},
  year = {2027}
}
"""


def write(folder: Path) -> Path:
    """Write the folder and return it."""
    trial = folder / "trials" / "nova"
    trial.mkdir(parents=True)
    for name, text in (("trial.toml", TRIAL), ("results.csv", RESULTS), ("bias.csv", BIAS)):
        (trial / name).write_text(text, encoding="utf-8")
    (folder / "references.bib").write_text(REFERENCE, encoding="utf-8")
    return folder
