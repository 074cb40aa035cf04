/**
 * Surnames that are one name in several spellings. A line: the characters (traditional first, then simplified and other forms), then its
 * romanisations: Hong Kong's first, then pinyin, Wade–Giles and those of the south-east (Hokkien, Teochew, Hakka). Compiled by hand for this
 * project from general knowledge; a missing line costs recall, never safety.
 */
const LINES = `
陳陈 chan chen tan chin
王 wong wang ong heng
黃黄 wong huang wee ooi ng hwang
李 lee li lei
林 lam lin lim
張张 cheung zhang chang teo cheong
章 cheung zhang chang
吳吴 ng wu goh go
梁 leung liang neo leong
劉刘 lau liu low lew
何 ho he hoe
鄭郑 cheng zheng tay teh
葉叶 yip ye yap yeh
楊杨 yeung yang yeo young
周 chow zhou chou chew
鄧邓 tang deng teng
馮冯 fung feng foong
蔡 choi cai tsai chua tsoi choy
許许 hui xu hsu khoo koh
郭 kwok guo kuo kuek quek
曾 tsang zeng tseng chan
曹 tso cao tsao chou
謝谢 tse xie hsieh chia
羅罗 lo luo law loh
蘇苏 so su soh
余 yu yue yee
于 yu
俞 yu
趙赵 chiu zhao chao
招 chiu zhao
朱 chu zhu choo
胡 wu hu woo oh
徐 tsui xu hsu chui
孫孙 suen sun
高 ko gao kao
潘 poon pan phua pun
洪 hung hong ang
呂吕 lui lu lv lyu
盧卢 lo lu loo
廖 liu liao liew
關关 kwan guan
歐欧 au ou
歐陽欧阳 auyeung ouyang
區区 au ou
方 fong fang
石 shek shi
鍾钟鐘 chung zhong
莫 mok mo
麥麦 mak mai
霍 fok huo
韓韩 hon han
沈 shum shen sum
彭 pang peng
湯汤 tong tang
唐 tong tang
溫温 wan wen
尹 wan yin
雲云 wan yun
蕭萧肖 siu xiao hsiao
邵 shiu shao siu
邱丘 yau qiu chiu khoo
游 yau you
姚 yiu yao
江 kong jiang
鄺邝 kwong kuang fong
甘 kam gan
金 kam jin kim
簡简 kan jian
施 sze shi see
史 sze shi
司徒 szeto situ
袁 yuen yuan
阮 yuen ruan
源 yuen yuan
嚴严 yim yan
顏颜 ngan yan
魏 ngai wei
倪 ngai ni
龔龚 kung gong
龍龙 lung long
文 man wen
萬万 man wan
毛 mo mao mou
馬马 ma
秦 chun qin
田 tin tian
丁 ting ding
杜 to du
陶 to tao
董 tung dong
童 tung tong
崔 chui cui tsui
戴 tai dai
譚谭 tam tan
夏 ha xia
侯 hau hou
范 fan
樊 fan
傅 fu
符 fu
賴赖 lai
黎 lai li
凌 ling
連连 lin lian
陸陆 luk lu
駱骆 lok luo
白 pak bai
包 pau bao
畢毕 but bi
卜 buk bu pok
貝贝 pui bei
裴 pui pei
葛 kot ge
古 ku gu
顧顾 ku gu koo
勞劳 lo lao
冼 sin xian
單单 sin shan
成 shing cheng sing
盛 shing sheng
宋 sung song
舒 shu
岑 sham cen shum
任 yam ren yum
閻阎 yim yan
殷 yan yin
易 yick yi yik
容 yung rong
翁 yung weng
甄 yan zhen
詹 chim zhan
湛 cham zhan
車车 che
卓 cheuk zhuo
祝 chuk zhu
柯 o ke
伍 ng wu
吾 ng wu
柳 lau liu
樓楼 lau lou
韋韦 wai wei
衛卫 wai wei
屈 wat qu
巫 mo wu
武 mo wu
辛 san xin
申 sun shen
蔣蒋 tseung jiang
錢钱 chin qian
程 ching cheng
鄒邹 chau zou chow
巢 chau chao
左 cho zuo
熊 hung xiong
孔 hung kong
郝 kok hao
賀贺 ho he
雷 lui lei
聶聂 nip nie
寧宁 ning
上官 sheungkwun shangguan
諸葛诸葛 chukot zhuge
司馬司马 szema sima
尉遲尉迟 watchi yuchi
夏侯 hahau xiahou
皇甫 wongpo huangfu
`;

const spellingsOf = new Map<string, readonly string[]>();
const groupsOf = new Map<string, number[]>();
readLines();

/** Whether the text, in Latin letters without spaces and in lower case, is how a Chinese surname is spelt somewhere. */
export function isChineseSurname(latin: string): boolean {
  return groupsOf.has(latin);
}

/** How many characters of a name in Chinese characters are its surname: two for a compound surname in the table, otherwise one. */
export function hanSurnameLength(name: string): number {
  const [first = "", second = "", third] = name;
  return third !== undefined && spellingsOf.has(first + second) ? 2 : 1;
}

/** Whether two spellings (Chinese characters or Latin letters, lower case, no spaces) can be one surname. Equal ones are. */
export function canBeSameSurname(a: string, b: string): boolean {
  if (a === b) return true;
  const groups = groupsOf.get(a);
  return groups?.some((group) => groupsOf.get(b)?.includes(group)) ?? false;
}

/** The first romanisation of a surname in Chinese characters, for the keys of an index. */
export function romaniseSurname(han: string): string | undefined {
  return spellingsOf.get(han)?.[0];
}

function readLines(): void {
  for (const [group, line] of LINES.trim().split("\n").entries()) {
    const [han = "", ...spellings] = line.split(" ");
    const isCompound = (spellings[0] ?? "").length > 5 && [...han].length % 2 === 0;
    const forms = isCompound ? (han.match(/../gu) ?? []) : [...han];
    for (const form of forms) spellingsOf.set(form, spellings);
    for (const spelling of [...forms, ...spellings]) {
      const groups = groupsOf.get(spelling);
      if (groups === undefined) groupsOf.set(spelling, [group]);
      else groups.push(group);
    }
  }
}
