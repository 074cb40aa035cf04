/** Given names that people exchange for one another, a line each. Common English ones; a missing line costs recall, never safety. */
const LINES = `
alexander alex sandy xander al
alexandra alex sandra sandy lexi
andrew andy drew
angela angie
anthony tony
barbara barb babs
benjamin ben benny
catherine katherine kathryn cathy kathy kate katie cath kat
charles charlie chuck
christina christine chris tina chrissy
christopher kristopher chris kris topher
daniel dan danny
david dave davey
deborah debra debbie deb
donald don donnie
dorothy dot dotty
edward ed eddie ted teddy ned
elizabeth liz lizzie beth betty eliza lisa
emily em emmy
eugene gene
francis frank fran
frederick fred freddie
gabrielle gabby
gerald gerry jerry
gregory greg
harold harry hal
henry harry hank
isabella isabel bella izzy
jacob jake
james jim jimmy jamie
jennifer jen jenny
jessica jess jessie
john johnny jack jon
jonathan jon jonny john
joseph joe joey
joshua josh
judith judy
kenneth ken kenny
kimberly kim
lawrence laurence larry lawrie
leonard len lenny leo
margaret maggie meg peggy marge rita
matthew matt
megan meg
michael mike mick mickey
nathaniel nathan nate nat
nicholas nick nicky
nicole nicky nikki
pamela pam
patricia pat patty trish tricia
patrick pat paddy
peter pete
philip phillip phil
rachel rachael rae
raymond ray
rebecca becky becca
richard rick ricky dick rich
robert rob bob bobby robbie bert
ronald ron ronnie
samantha sam sammy
samuel sam sammy
stephen steven steve stevie
stephanie steph
susan sue susie suzanne
theodore ted teddy theo
theresa teresa terry tess
thomas tom tommy
timothy tim timmy
victoria vicky tori
vincent vince vinny
virginia ginny
walter walt wally
william will bill billy willy willie liam
zachary zach zack
`;

const groupsOf = new Map<string, number[]>();
for (const [group, line] of LINES.trim().split("\n").entries()) {
  for (const name of line.split(" ")) groupsOf.set(name, [...(groupsOf.get(name) ?? []), group]);
}

/** Whether two given names, in lower case, are known to be used for one another. */
export function areNicknames(a: string, b: string): boolean {
  return groupsOf.get(a)?.some((group) => groupsOf.get(b)?.includes(group)) ?? false;
}
